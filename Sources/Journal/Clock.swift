import Glibc

/// The journal's two times. The wall clock stamps lines and may step; what lasts (a segment's age,
/// a sync) is measured on the monotonic one.
package protocol Clock: Sendable {
    /// Milliseconds since 1970 UTC.
    func wallMilliseconds() -> Int64
    /// Nanoseconds from an arbitrary start, never going back.
    func monotonicNanoseconds() -> UInt64
    /// Whether time passes by itself, so that a thread may wait for it. A simulation moves its time
    /// on its one thread, where a wait would never end.
    var canWait: Bool { get }
}

extension Clock {
    package var canWait: Bool { true }
}

package struct SystemClock: Clock {
    package init() {}

    package func wallMilliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }

    package func monotonicNanoseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
