import Synchronization

/// How many events a second a key may send: a token bucket that all lanes share.
///
/// It is asked once for each read, datagram or body, and told afterwards how many events that held: who
/// finds it open is taken whole, and the debt that he leaves keeps it closed the longer. So no event
/// costs anything of its own, no body is taken in part, and the rate holds over any longer time.
///
/// One word holds it all: when the bucket will be full again (the generic cell rate algorithm, ITU-T I.371).
package final class EventRate: Sendable {
    private let perSecond: UInt64
    /// How long a bucket that is empty takes to fill.
    private let burstNanoseconds: UInt64
    private let fullAt = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - perSecond: 1…1,000,000,000 events.
    ///   - burstSeconds: so many seconds' events may come at once; 1…3,600.
    package init(perSecond: Int, burstSeconds: Int) {
        self.perSecond = UInt64(max(1, perSecond))
        burstNanoseconds = UInt64(max(1, burstSeconds)) * 1_000_000_000
    }

    /// Nanoseconds until events may come again; 0: now.
    /// - Parameter now: of a clock that doesn't go back, nanoseconds.
    package func wait(now: UInt64) -> UInt64 {
        let full = fullAt.load(ordering: .relaxed)
        return full > now &+ burstNanoseconds ? full - now - burstNanoseconds : 0
    }

    /// So many events have been taken.
    package func charge(_ events: Int, now: UInt64) {
        guard events > 0 else { return }
        let cost = UInt64(events) * 1_000_000_000 / perSecond
        var full = fullAt.load(ordering: .relaxed)
        while true {
            let (done, found) = fullAt.weakCompareExchange(
                expected: full, desired: max(full, now) + cost, ordering: .relaxed)
            if done { return }
            full = found
        }
    }
}
