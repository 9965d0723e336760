import Intake
import Journal
import Logging
import Rollup
import Synchronization
import Telemetry

/// Tells the service manager every few seconds how the daemon does, and that it lives.
///
/// It lives while every thread that an event passes does: the lanes answer, what waits for the disk
/// becomes durable, what is durable is counted. A full disk and a ledger in trouble are waited for;
/// they say so themselves, and a restart would mend neither. Where one of them is stuck this falls
/// silent, and the manager's watchdog ends the process.
final class Pulse: Sendable {
    private struct Looks {
        var journal: StallWatch
        var rollup: StallWatch
        var hasComplained = false
        var seq: UInt64
        var at: UInt64
    }

    private let core: Core
    private let server: Server
    private let notices: ServiceNotices
    private let vitals: Vitals
    private let state: @Sendable () -> String
    private let looks: Mutex<Looks>
    private let beatNanoseconds: UInt64

    private static let longestBeatNanoseconds: UInt64 = 5_000_000_000
    private static let unwatchedPatienceNanoseconds: UInt64 = 60_000_000_000

    /// How long nothing may get done: half of what the manager allows, or a minute where none watches.
    static func patienceNanoseconds(_ notices: ServiceNotices) -> UInt64 {
        notices.watchdogNanoseconds.map { $0 / 2 } ?? unwatchedPatienceNanoseconds
    }

    /// - Parameters:
    ///   - vitals: told what each beat finds.
    ///   - state: one word of how the daemon is.
    init(
        _ core: Core, server: Server, notices: ServiceNotices, vitals: Vitals,
        state: @escaping @Sendable () -> String
    ) {
        self.core = core
        self.server = server
        self.notices = notices
        self.vitals = vitals
        self.state = state
        let patience = Self.patienceNanoseconds(notices)
        beatNanoseconds = min(patience / 2, Self.longestBeatNanoseconds)
        looks = Mutex(
            Looks(
                journal: StallWatch(patienceNanoseconds: patience),
                rollup: StallWatch(patienceNanoseconds: patience),
                seq: core.journal.watermark.seq, at: SystemClock().monotonicNanoseconds()))
    }

    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .nanoseconds(beatNanoseconds))
            await server.pulse()
            beat()
        }
    }

    private func beat() {
        let seq = core.journal.watermark.seq
        let waiting = core.journal.statistics().queuedBatches
        let rollup = core.rollup.status
        let now = SystemClock().monotonicNanoseconds()
        let (rate, stuck) = looks.withLock { looks in
            let seconds = Double(now &- looks.at) / 1e9
            let rate = seconds > 0 ? Int(Double(seq - looks.seq) / seconds) : 0
            (looks.seq, looks.at) = (seq, now)
            // Both are always asked: each keeps count of its own.
            let stuck = [
                looks.journal.isStalled(
                    isWaiting: waiting > 0 && !core.journal.isDiskLow, done: seq, now: now)
                    ? "the journal" : nil,
                looks.rollup.isStalled(
                    isWaiting: seq > rollup.appliedSeq && rollup.trouble == nil,
                    done: rollup.foldedSeq &+ rollup.appliedSeq, now: now)
                    ? "the roll-up" : nil,
            ].compactMap { $0 }
            if stuck.isEmpty { looks.hasComplained = false }
            if !stuck.isEmpty, !looks.hasComplained {
                looks.hasComplained = true
                core.logger.critical(
                    notices.watchdogNanoseconds == nil
                        ? "nothing gets done any more, most likely the disk doesn't answer; where it does, restart engaged"
                        : "nothing gets done any more; the service manager's watchdog will end this process",
                    metadata: ["stuck": "\(stuck.joined(separator: ", "))"])
            }
            return (rate, stuck)
        }
        vitals.beat(stuck: stuck, now: now)
        guard stuck.isEmpty else { return }
        let lag = (rollup.lagMilliseconds + 50) / 100
        notices.alive(
            "\(state()): \(grouped(rate)) events/s durable, counters \(lag / 10).\(lag % 10) s behind, \(grouped(core.counters.openConnections.value)) connections"
        )
    }
}
