import Journal

/// A clock that only its simulation moves: the wall clock may jump, the other never goes back.
package final class SimulatedClock: Clock, @unchecked Sendable {
    private var wall: Int64
    private var monotonic: UInt64 = 1
    private var rest: UInt64 = 0
    /// How far each look at the clock moves it, ns.
    package var tickNanoseconds: UInt64 = 1_000

    package init(wallMilliseconds: Int64 = 1_767_225_600_000) { wall = wallMilliseconds }

    package var canWait: Bool { false }

    package func wallMilliseconds() -> Int64 {
        pass(nanoseconds: tickNanoseconds)
        return wall
    }

    package func monotonicNanoseconds() -> UInt64 {
        pass(nanoseconds: tickNanoseconds)
        return monotonic
    }

    package func pass(nanoseconds: UInt64) {
        monotonic += nanoseconds
        rest += nanoseconds
        wall += Int64(rest / 1_000_000)
        rest %= 1_000_000
    }

    package func stepWall(milliseconds: Int64) { wall += milliseconds }
}
