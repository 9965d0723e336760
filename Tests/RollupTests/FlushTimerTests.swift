import Testing

@testable import Rollup

@Suite struct FlushTimerTests {
    private static let second: UInt64 = 1_000_000_000
    private func timer() -> FlushTimer {
        FlushTimer(flushMilliseconds: 900, horizonMilliseconds: 1_600)
    }

    @Test func `an empty delta is never due`() {
        #expect(timer().due(deltaBytes: 0) == nil)
    }

    @Test func `without a queue the age rules`() {
        var timer = timer()
        timer.take(offered: 5 * Self.second, now: 5 * Self.second)
        timer.take(offered: 6 * Self.second, now: 6 * Self.second)
        #expect(timer.due(deltaBytes: 1_000) == 5 * Self.second + 900_000_000)
    }

    @Test func `time spent in the queue and the flush to come count against the horizon`() {
        var timer = timer()
        timer.take(offered: 0, now: 0)
        // 1,000,000 bytes took half a second.
        timer.end(deltaBytes: 1_000_000, took: Self.second / 2, now: 9 * Self.second)
        #expect(timer.due(deltaBytes: 0) == nil)
        timer.take(offered: 10 * Self.second, now: 10 * Self.second + 500_000_000)
        #expect(timer.due(deltaBytes: 1_000_000) == 11 * Self.second + 100_000_000)
        #expect(timer.due(deltaBytes: 500_000) == 11 * Self.second + 350_000_000)
    }

    @Test func `far behind, lines are still gathered for a while`() {
        var timer = timer()
        timer.take(offered: Self.second, now: 9 * Self.second)
        #expect(timer.due(deltaBytes: 0) == 9 * Self.second + FlushTimer.shortestNanoseconds)
    }

    @Test func `what came during a flush goes into the next one as a whole`() {
        var timer = timer()
        timer.take(offered: 0, now: 0)
        timer.end(deltaBytes: 1_000_000, took: Self.second, now: 9 * Self.second)
        // Waited while the flush ran, as did what follows it in the queue.
        timer.take(offered: 8 * Self.second, now: 9 * Self.second)
        #expect(timer.due(deltaBytes: 1_000_000) == 9 * Self.second + 800_000_000)
        // The first that came later: the queue of that time is folded.
        timer.take(offered: 9 * Self.second + 1, now: 9 * Self.second + 200_000_000)
        #expect(
            timer.due(deltaBytes: 1_000_000) == 9 * Self.second + FlushTimer.shortestNanoseconds)
    }

    @Test(arguments: [(50, 100), (700, 100), (1_500, 100), (2_500, 2_500), (60_000, 3_200)])
    func `behind a flush longer than the horizon, lines are gathered for as long`(
        took: UInt64, gathered: UInt64
    ) {
        var timer = timer()
        timer.end(deltaBytes: 1_000_000, took: took * 1_000_000, now: 0)
        timer.take(offered: Self.second, now: 9 * Self.second)
        #expect(timer.due(deltaBytes: 500_000) == 9 * Self.second + gathered * 1_000_000)
        #expect(
            timer.due(deltaBytes: 500_000, isHasty: true)! <= 9 * Self.second + 600_000_000)
    }

    @Test(arguments: [(1_000, 100), (10_000_000, 600)])
    func `an answer about permission makes haste, more so while the delta is small`(
        bytes: Int, milliseconds: UInt64
    ) {
        var timer = timer()
        timer.take(offered: Self.second, now: Self.second)
        #expect(
            timer.due(deltaBytes: bytes, isHasty: true) == Self.second + milliseconds * 1_000_000)
    }
}
