import Telemetry
import Testing

/// A watch that may be asked within an expectation.
private final class Watched {
    private var watch: StallWatch
    init(patienceNanoseconds: UInt64) {
        watch = StallWatch(patienceNanoseconds: patienceNanoseconds)
    }
    func isStalled(isWaiting: Bool, done: UInt64, now: UInt64) -> Bool {
        watch.isStalled(isWaiting: isWaiting, done: done, now: now)
    }
}

/// What the service manager's watchdog hangs on. Times are nanoseconds of a clock made up here.
@Suite struct StallWatchTests {
    private typealias Look = (isWaiting: Bool, done: UInt64, now: UInt64)

    /// Which of these looks finds a stall.
    private func stalls(patience: UInt64 = 100, _ looks: [Look]) -> [Bool] {
        let watch = Watched(patienceNanoseconds: patience)
        return looks.map { watch.isStalled(isWaiting: $0.isWaiting, done: $0.done, now: $0.now) }
    }

    @Test func `work that waits longer than patience, with nothing done, is stalled`() {
        let found = stalls([
            (true, 7, 1_000), (true, 7, 1_100), (true, 7, 1_101), (true, 7, 5_000),
        ])
        #expect(found == [false, false, true, true])
    }

    @Test func `idleness is no stall, and waiting is counted from the first look at it`() {
        let found = stalls([
            (false, 7, 0), (false, 7, 10_000), (true, 7, 90_000), (true, 7, 90_100),
            (true, 7, 90_101),
        ])
        #expect(found == [false, false, false, false, true])
    }

    @Test func `slow work is no stall, and one that goes on again is over`() {
        let slow = (0..<50).map { Look(true, UInt64($0), UInt64($0) * 100) }
        let found = stalls(slow + [(true, 49, 9_000), (true, 50, 9_001)])
        #expect(found == slow.map { _ in false } + [true, false])
    }

    @Test func `without a limit nothing is stalled`() {
        #expect(stalls(patience: .max / 2, [(true, 0, 0), (true, 0, .max / 2)]) == [false, false])
    }
}
