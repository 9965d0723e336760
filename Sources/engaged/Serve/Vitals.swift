import Synchronization
import Telemetry

/// Which threads of an event's way are stuck, as the pulse found it at its last beat; and whether there
/// was one, for the pulse itself waits for the lanes.
final class Vitals: Sendable {
    private struct State {
        var stuck: [String] = []
        var beat: UInt64
    }

    private let patienceNanoseconds: UInt64
    private let gauge: Gauge
    private let state: Mutex<State>

    /// - Parameters:
    ///   - patienceNanoseconds: how long nothing may be heard.
    ///   - now: monotonic, nanoseconds.
    init(patienceNanoseconds: UInt64, gauge: Gauge, now: UInt64) {
        self.patienceNanoseconds = patienceNanoseconds
        self.gauge = gauge
        state = Mutex(State(beat: now))
    }

    func beat(stuck: [String], now: UInt64) {
        state.withLock { $0 = State(stuck: stuck, beat: now) }
    }

    /// What is stuck, in words; nothing: all is well.
    func stuck(now: UInt64) -> [String] {
        let stuck = state.withLock { state in
            // A beat may have come between `now` and here.
            now > state.beat && now - state.beat > patienceNanoseconds
                ? ["a thread that reads sockets"] : state.stuck
        }
        gauge.set(stuck.count)
        return stuck
    }
}
