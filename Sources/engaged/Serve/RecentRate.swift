import Synchronization

/// How fast a number grew over the last ten seconds, from looks at it once a second.
final class RecentRate: Sendable {
    private static let seconds = 10.0
    private let looks = Mutex<[(at: Double, count: UInt64)]>([])

    func note(_ count: UInt64, at now: Double) {
        looks.withLock { looks in
            // One older than that stays, to measure from.
            while looks.count > 1, now - looks[1].at >= Self.seconds { looks.removeFirst() }
            looks.append((now, count))
        }
    }

    /// 0 before the second look.
    var perSecond: Double {
        looks.withLock { looks in
            guard let first = looks.first, let last = looks.last, last.at > first.at else {
                return 0
            }
            return Double(last.count &- first.count) / (last.at - first.at)
        }
    }
}
