import Engagement
import Senders

/// How much each network has sent lately: many requests of one /24 or /48 within seconds are a
/// machine's, or a farm of them.
///
/// One table of fixed size for all lanes, in memory alone. Time is cut into windows; a network that
/// passed the bound in the last one is still taken for a machine in this.
package final class NetworkWatch: Sendable {
    private struct Entry {
        var print: UInt64
        var window: Int64
        var now: Int64
        var before: Int64
    }
    private static let ways = 4
    private let sets: Int
    private let settings: MachineSettings
    private let key: HashKey
    private let table: SharedTable<Entry>

    package init(_ settings: MachineSettings, sets: Int = 4_096) {
        self.sets = sets
        self.settings = settings
        var random = SystemRandomNumberGenerator()
        key = HashKey(using: &random)
        table = SharedTable(count: sets * Self.ways)
    }

    /// By other settings, with what the older one knows. Counting begins anew where the window is
    /// another one.
    init(_ settings: MachineSettings, after older: NetworkWatch) {
        self.settings = settings
        sets = older.sets
        key = older.key
        table = older.table
    }

    /// Counts one more, and says whether it is too many.
    ///
    /// - Parameters:
    ///   - network: a truncated address.
    ///   - at: ms since 1970 UTC.
    func isBurst(_ network: Address, at: Int64) -> Bool {
        guard settings.burstEvents > 0 else { return false }
        let print = max(
            withUnsafeBytes(of: (network.high, network.low)) { key.hash($0.baseAddress!, 16) }, 1)
        let window = at / (Int64(settings.burstSeconds) * 1_000)
        return table.withLock { entries in
            let set = entries + Int(print % UInt64(sets)) * Self.ways
            var place = set
            for way in 0..<Self.ways {
                if set[way].print == print {
                    place = set + way
                    break
                }
                if set[way].window < place.pointee.window { place = set + way }
            }
            if place.pointee.print != print {
                place.pointee = Entry(print: print, window: window, now: 0, before: 0)
            } else if place.pointee.window != window {
                // A clock that was set counts afresh.
                let isNext = place.pointee.window == window - 1
                place.pointee.before = isNext ? place.pointee.now : 0
                place.pointee.now = 0
                place.pointee.window = window
            }
            place.pointee.now += 1
            let bound = Int64(settings.burstEvents)
            return place.pointee.now > bound || place.pointee.before > bound
        }
    }
}
