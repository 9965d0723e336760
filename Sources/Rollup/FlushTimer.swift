/// When the delta is to be applied. Times are monotonic ns.
///
/// Three bounds, whichever comes first:
/// - the delta's own age since its first line was folded, `flushNanoseconds`: a flush costs less per
///   line the more lines it takes;
/// - the horizon, by which a durable line must be counted. It runs from when the line was offered,
///   so that time spent waiting behind a flush counts, and the flush to come, as long as the last
///   ones were for their size, must fit in as well. Under full load this one rules, but what came
///   during a flush goes into the next one as a whole. Where a flush alone takes longer, flushes are
///   made cheaper instead: lines are gathered for as long as the last one took;
/// - haste, when the delta holds an answer about permission, which must hold within a second: at
///   once while the delta is small, and before the second is over in any case.
struct FlushTimer {
    let flushNanoseconds: UInt64
    let horizonNanoseconds: UInt64
    /// Even when behind, so long lines are gathered: else flushes would do nothing but wait.
    static let shortestNanoseconds: UInt64 = 100_000_000
    static let hasteNanoseconds: UInt64 = 600_000_000
    static let smallBytes = 256 << 10

    /// When the delta's oldest line was offered, and when it was folded; nil: the delta is empty.
    private(set) var offered: UInt64?
    private var folded: UInt64 = 0
    /// Of the last flushes, the slower ones weighing more: ns per byte of delta.
    private var cost = 0.0
    private var took: UInt64 = 0
    /// When the last flush ended, and when the newest line in the delta was offered.
    private var ended: UInt64 = 0
    private var newest: UInt64 = 0

    init(flushMilliseconds: UInt64, horizonMilliseconds: UInt64) {
        flushNanoseconds = flushMilliseconds * 1_000_000
        horizonNanoseconds = horizonMilliseconds * 1_000_000
    }

    /// Lines went into the delta.
    mutating func take(offered: UInt64, now: UInt64) {
        newest = offered
        guard self.offered == nil else { return }
        self.offered = min(offered, now)
        folded = now
    }

    /// When a delta of so many bytes is due, or nil when it is empty.
    func due(deltaBytes: Int, isHasty: Bool = false) -> UInt64? {
        guard let offered else { return nil }
        let bySize = isHasty && deltaBytes < Self.smallBytes ? Self.shortestNanoseconds : .max
        let byHaste = min(bySize, isHasty ? Self.hasteNanoseconds : .max)
        if took > horizonNanoseconds {
            // A flush alone takes longer, nothing is to lose. Bounded, as one that took long for
            // another reason mustn't hold up the next ones.
            return folded + min(took, 2 * horizonNanoseconds, byHaste)
        }
        let flush = UInt64(min(cost * Double(deltaBytes), Double(horizonNanoseconds)))
        let latest = max(offered + horizonNanoseconds - flush, folded + least)
        return min(folded + min(flushNanoseconds, byHaste), latest)
    }

    /// How long lines are gathered at least, however old they are. What came during the last flush
    /// goes into the next one as a whole: else it would wait for two of them, and the smaller they
    /// are the fewer lines they take per second.
    private var least: UInt64 {
        newest < ended ? horizonNanoseconds / 2 : Self.shortestNanoseconds
    }

    /// The delta was applied.
    mutating func end(deltaBytes: Int, took: UInt64, now: UInt64) {
        offered = nil
        ended = now
        guard deltaBytes > 0 else { return }
        self.took = took
        let latest = Double(took) / Double(deltaBytes)
        cost = latest > cost ? latest : cost * 0.7 + latest * 0.3
    }
}
