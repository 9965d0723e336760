import Telemetry
import Testing

/// What the service manager's watchdog hangs on. Times are nanoseconds of a clock made up here.
@Suite struct StallWatchTests {
    @Test func `work that waits longer than patience, with nothing done, is stalled`() {
        var watch = StallWatch(patienceNanoseconds: 100)
        #expect(!watch.isStalled(isWaiting: true, done: 7, now: 1_000))
        #expect(!watch.isStalled(isWaiting: true, done: 7, now: 1_100))
        #expect(watch.isStalled(isWaiting: true, done: 7, now: 1_101))
        #expect(watch.isStalled(isWaiting: true, done: 7, now: 5_000))
    }

    @Test func `idleness is no stall, and waiting is counted from the first look at it`() {
        var watch = StallWatch(patienceNanoseconds: 100)
        #expect(!watch.isStalled(isWaiting: false, done: 7, now: 0))
        #expect(!watch.isStalled(isWaiting: false, done: 7, now: 10_000))
        #expect(!watch.isStalled(isWaiting: true, done: 7, now: 90_000))
        #expect(!watch.isStalled(isWaiting: true, done: 7, now: 90_100))
        #expect(watch.isStalled(isWaiting: true, done: 7, now: 90_101))
    }

    @Test func `slow work is no stall, and one that goes on again is over`() {
        var watch = StallWatch(patienceNanoseconds: 100)
        for step in 0..<50 {
            #expect(!watch.isStalled(isWaiting: true, done: UInt64(step), now: UInt64(step) * 100))
        }
        #expect(watch.isStalled(isWaiting: true, done: 49, now: 9_000))
        #expect(!watch.isStalled(isWaiting: true, done: 50, now: 9_001))
    }

    @Test func `without a limit nothing is stalled`() {
        var watch = StallWatch(patienceNanoseconds: .max / 2)
        #expect(!watch.isStalled(isWaiting: true, done: 0, now: 0))
        #expect(!watch.isStalled(isWaiting: true, done: 0, now: .max / 2))
    }
}
