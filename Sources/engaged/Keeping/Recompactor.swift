import Journal
import Logging
import Settings
import Synchronization
import Telemetry

/// Packs old segments more tightly while the daemon runs, on a thread of its own that everybody else
/// goes before: it works for its share of one core, at the lowest priority, rests while many lines wait
/// to be counted, and lets go of a file that an erasure or retention wants.
final class Recompactor: @unchecked Sendable {
    private static let lookSeconds = 10.0
    /// What waits for one flush at half of the rate that two cores can take: counters that are up to
    /// date never leave more.
    private static let mostUncounted: UInt64 = 200_000
    /// How long after the last look that found more: they come and go with each flush.
    private static let lullSeconds = 2.0

    private let journal: Journal
    private let held: Mutex<KeepingSettings>
    private let applied: @Sendable () -> UInt64
    private let counters: Counters
    private let logger: Logger
    private let thread = ChoreThread("recompaction", niceness: 19)

    // The thread's own.
    private let recompaction: Recompaction
    private var share = CPUShare()
    private var pressedAt = -Double.infinity
    private var told = ""

    /// - Parameter applied: the seq up to which the ledger counts.
    init(
        _ journal: Journal, _ settings: KeepingSettings, applied: @escaping @Sendable () -> UInt64,
        counters: Counters, logger: Logger
    ) {
        self.journal = journal
        held = Mutex(settings)
        self.applied = applied
        self.counters = counters
        self.logger = logger
        recompaction = Recompaction(journal.rewriter(.tight))
    }

    /// Where nothing is packed there is no thread for it.
    func start() throws {
        guard settings.recompactionPercent > 0 else { return }
        try thread.start { [self] in run() }
    }

    /// Holds from the next member on.
    func adopt(_ settings: KeepingSettings) {
        held.withLock { $0 = settings }
        do { try start() } catch {
            logger.warning("no segments are packed", metadata: ["error": "\(error)"])
        }
    }

    /// Gives up what is half made and waits for the end.
    func stop() { thread.stop() }

    private var settings: KeepingSettings { held.withLock { $0 } }

    private func run() {
        var lookedAt = -Double.infinity
        while !thread.rest(1) {
            guard settings.recompactionPercent > 0,
                monotonicSeconds() - lookedAt >= Self.lookSeconds
            else { continue }
            do throws(FileError) { try packAll() } catch { tell("\(error)") }
            lookedAt = monotonicSeconds()
        }
    }

    /// Until it is disturbed: what is left is due the next time.
    private func packAll() throws(FileError) {
        share = CPUShare()
        let age = Int64(settings.recompactionHours) * 3_600_000
        let due = try recompaction.due(
            before: SystemClock().wallMilliseconds() - age,
            through: journal.statistics().closedSeq)
        for name in due {
            guard !isDisturbed(), journal.segmentTurn.takeIfFree({ pack(name) }) != nil else {
                return
            }
        }
    }

    private func pack(_ name: String) {
        do throws(SegmentRefusal) {
            guard let change = try recompaction.pack(name, shouldStop: isDisturbed) else { return }
            counters.recompacted.add(1)
            counters.recompactionSaved.add(max(0, change.bytesBefore - change.bytesAfter))
            logger.info(
                "packed a segment more tightly",
                metadata: [
                    "file": "\(name)", "bytes_before": "\(change.bytesBefore)",
                    "bytes_after": "\(change.bytesAfter)",
                ])
        } catch {
            switch error {
            case .stopped, .gone, .unsealed: break
            case .damaged, .disk: tell("\(error)")
            }
        }
    }

    /// Counted each time, told where it is new.
    private func tell(_ text: String) {
        counters.failed(.recompaction)
        if text != told { logger.warning("a segment wasn't packed and stays as it is: \(text)") }
        told = text
    }

    /// Rests for what was worked, but no longer than nobody wants an end.
    private func isDisturbed() -> Bool {
        let percent = settings.recompactionPercent
        guard percent > 0 else { return true }
        var rest = share.rest(percent: percent)
        while !thread.isEnding, !journal.segmentTurn.isWanted {
            guard rest > 0 || isPressed() else { return false }
            let slice = rest > 0 ? min(rest, 0.1) : 0.1
            thread.rest(slice)
            rest -= slice
        }
        return true
    }

    /// Whoever counts needs the cores and the disk more.
    private func isPressed() -> Bool {
        let now = monotonicSeconds()
        let (written, applied) = (journal.watermark.seq, applied())
        if written > applied, written - applied > Self.mostUncounted { pressedAt = now }
        return now - pressedAt < Self.lullSeconds
    }
}
