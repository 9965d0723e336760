import Journal
import Ledger
import Logging
import Summaries
import Synchronization

/// Makes the summary anew from time to time, on a thread of its own that yields to everybody else.
///
/// However large the ledger is, it takes no more than a twentieth of a core: after a summary that took
/// a minute the next begins twenty minutes later at the earliest.
final class Summarizer: @unchecked Sendable {
    private static let share = 20.0
    /// Between a removal and the summary that takes its place: more may be removed in a row.
    private static let settleSeconds = 60.0
    /// What the ledger's write-ahead log may grow to, for it can't be shortened while the ledger is read.
    private static let logBytes = 1 << 30

    private let summary: Summary
    private let ledger: String
    private let minutes: Atomic<Int>
    private let applied: @Sendable () -> UInt64
    private let failed: @Sendable () -> Void
    private let logger: Logger
    private let isMissing = Atomic(false)
    private let thread = ChoreThread("summary", niceness: 10)

    // The thread's own.
    private var due: Due
    private var lastSeq: UInt64?
    private var told = ""
    private var looked = 0.0
    private var isLogLong = false

    /// - Parameters:
    ///   - minutes: between two summaries; 0: none are made.
    ///   - applied: the last seq that the ledger counts: without news the old summary stays.
    ///   - failed: told each time that one couldn't be made.
    init(
        data: DataDirectory, minutes: Int, applied: @escaping @Sendable () -> UInt64,
        failed: @escaping @Sendable () -> Void, logger: Logger
    ) {
        summary = Summary(dataDirectory: data.root)
        ledger = data.ledger
        self.minutes = Atomic(minutes)
        self.applied = applied
        self.failed = failed
        self.logger = logger
        due = Due(since: monotonicSeconds())
    }

    /// Where none are made there is no thread for them.
    func start() throws {
        guard minutes.load(ordering: .relaxed) > 0 else { return }
        try thread.start { [self] in run() }
    }

    /// Another time between two of them, counted from the latest.
    func adopt(minutes: Int) throws {
        self.minutes.store(minutes, ordering: .relaxed)
        try start()
    }

    /// Gives up what is half made and waits for the end.
    func stop() { thread.stop() }

    /// Takes the summary away, also the one that is being made: a person is forgotten, and her rows
    /// have left the ledger. It is made anew soon, without her.
    func remove() throws {
        // First: who is making one lets go of the ledger, which an erasure may be waiting for.
        isMissing.store(true, ordering: .relaxed)
        try summary.remove()
    }

    private func run() {
        while !thread.rest(1) {
            if isMissing.exchange(false, ordering: .relaxed) {
                lastSeq = nil
                due.hasten(to: monotonicSeconds() + Self.settleSeconds)
            }
            let now = monotonicSeconds()
            let minutes = minutes.load(ordering: .relaxed)
            guard minutes > 0, due.isOver(now, seconds: Double(minutes) * 60) else { continue }
            let counted = applied()
            if counted != lastSeq { make() }
            due = Due(since: now, rest: (monotonicSeconds() - now) * Self.share)
        }
    }

    /// When the next one is to be made; seconds by the monotonic clock.
    private struct Due {
        private let since: Double
        /// At least so long after the latest: as it took its time. nil: there was none yet.
        private let rest: Double?
        private var latest = Double.infinity

        init(since: Double, rest: Double? = nil) {
            self.since = since
            self.rest = rest
        }

        mutating func hasten(to time: Double) { latest = min(latest, time) }

        func isOver(_ now: Double, seconds: Double) -> Bool {
            let interval = rest.map { max(seconds, $0) } ?? min(seconds, settleSeconds)
            return now >= min(latest, since + interval)
        }
    }

    private func make() {
        let began = monotonicSeconds()
        do {
            isLogLong = false
            let facts = try summary.make(from: ledger) { [self] in
                thread.isEnding || isMissing.load(ordering: .relaxed)
                    || logIsLong()
            }
            lastSeq = facts.lastSeq
            logger.debug(
                "made the summary",
                metadata: [
                    "seq": "\(facts.lastSeq)", "seconds": "\(Int(monotonicSeconds() - began))",
                ])
        } catch is Summary.Stopped {
            if isLogLong {
                tell("so much is counted meanwhile that the ledger's log grew too long")
            }
        } catch {
            tell("\(error)")
        }
    }

    /// Its own trouble, once; the next time may go better.
    private func tell(_ text: String) {
        failed()
        if text != told {
            logger.warning(
                "summary.sqlite wasn't made, the old one stays and it is tried again: \(text)")
        }
        told = text
    }

    /// Looks four times a second.
    private func logIsLong() -> Bool {
        let now = monotonicSeconds()
        guard now - looked > 0.25 else { return false }
        looked = now
        let bytes = (try? PosixFileSystem().sizeOfFile(ledger + "-wal")) ?? nil
        let size = (try? PosixFileSystem().sizeOfFile(ledger)) ?? nil
        isLogLong = bytes ?? 0 > max(Self.logBytes, 2 * (size ?? 0))
        return isLogLong
    }
}
