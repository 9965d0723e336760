import Journal
import Ledger
import Logging
import Rollup
import Settings
import Synchronization
import Telemetry

/// What the daemon does for its files while it runs, on a thread of its own: snapshots of the ledger,
/// retention of segments, and the slow scrub. Nothing waits for it.
final class Upkeep: @unchecked Sendable {
    private static let lookSeconds = 5.0

    private let held: Mutex<KeepingSettings>
    private let journal: Journal
    private let ledger: Ledger
    private let snapshots: Snapshots
    private let ids: IDIndex
    private let log: JournalLog
    private let window: UInt64
    private let scrub: Scrub
    private let erasure: PersonErasure
    private let counters: Counters
    private let logger: Logger
    private let thread = ChoreThread("upkeep")

    // The thread's own.
    private let begun = (wall: SystemClock().wallMilliseconds(), monotonic: monotonicSeconds())
    private var lastSnapshot: Double
    private var lastLook = 0.0
    private var told: Set<String> = []
    private var doing = Chore.erasure
    private var toScrub: [String] = []
    private var scrubbed = 0.0

    init(
        settings: Settings, journal: Journal, ledger: Ledger, snapshots: Snapshots, ids: IDIndex,
        erasure: PersonErasure, counters: Counters, logger: Logger
    ) {
        held = Mutex(settings.keeping)
        self.journal = journal
        self.ledger = ledger
        self.snapshots = snapshots
        self.erasure = erasure
        self.counters = counters
        self.logger = logger
        self.ids = ids
        log = JournalLog(journal.reader(), durable: { journal.watermark.seq })
        window = UInt64(settings.rollup.dedupeWindow)
        scrub = Scrub(journal)
        lastSnapshot = begun.monotonic
    }

    /// Holds from the next look on, and for the scrub from the next bytes.
    func adopt(_ keeping: KeepingSettings) {
        held.withLock { $0 = keeping }
        snapshots.keep(keeping.snapshots)
    }

    private var keeping: KeepingSettings { held.withLock { $0 } }

    func start() throws {
        erasure.shouldStop = { [thread] in thread.isEnding }
        try thread.start { [self] in run() }
    }

    /// Asks for the end and waits for it, but not for a copy of a large ledger: what is half made is
    /// cleared away by the next one.
    func stop() { thread.stop() }

    private func run() {
        while !thread.rest(1) {
            attempt(.erasure, erasure.attend)
            if monotonicSeconds() - lastLook >= Self.lookSeconds {
                lastLook = monotonicSeconds()
                attempt(.retention, look)
            }
            attempt(.scrub, scrubNext)
        }
    }

    /// Its own trouble is counted, told once and tried again later; the daemon goes on.
    private func attempt(_ chore: Chore, _ body: () throws -> Void) {
        doing = chore
        do { try body() } catch {
            counters.failed(doing)
            tell("\(doing) failed and is tried again; events are not concerned: \(error)")
        }
    }

    private func tell(_ text: String) {
        guard told.count < 100, told.insert(text).inserted else { return }
        logger.warning("\(text)")
    }

    // MARK: Snapshots and retention

    private func look() throws {
        let keeping = keeping
        let retention = Retention(
            directory: journal.directory, fileSystem: PosixFileSystem(),
            limits: Retention.Limits(keeping))
        let due = try retention.due(now: steadyNow())
        if let name = due.blockedBy {
            counters.failed(.retention)
            tell(
                "retention stops before \(name), which isn't sealed or doesn't hold: run engaged verify"
            )
        }
        doing = .snapshot
        let isNew = try makeSnapshot(due, every: Double(keeping.snapshotMinutes) * 60)
        doing = .retention
        guard isNew || !due.segments.isEmpty, let counted = try ledger.checkpointed(),
            let oldest = try snapshots.list().first?.lastSeq
        else { return }
        let retirement = SegmentRetirement(
            retention, ids: ids, log: log, idKey: LedgerFile.idKey(journal.identity), window: window
        )
        func retire() throws {
            try retirement.run(due, counted: min(oldest, counted)) { segment in
                logger.info(
                    "retired a segment",
                    metadata: ["file": "\(segment.name)", "bytes": "\(segment.bytes)"])
            }
        }
        let deletes = due.segments.first.map { $0.lastSeq <= min(oldest, counted) } ?? false
        try deletes ? journal.segmentTurn.take(retire) : retire()
    }

    /// When it is time, or when retention waits for one.
    /// - Parameter interval: seconds between two.
    /// - Returns: whether one was made.
    private func makeSnapshot(_ due: Retention.Due, every interval: Double) throws -> Bool {
        let since = monotonicSeconds() - lastSnapshot
        let kept = try snapshots.list()
        let isWanted: Bool
        if let segment = due.segments.first {
            // A hundredth of the interval: retention that waits must not copy the ledger for ever.
            let isWaiting = (kept.first?.lastSeq ?? 0) < segment.lastSeq
            isWanted = isWaiting && since >= interval / 100
        } else {
            isWanted = since >= interval
        }
        guard isWanted, journal.watermark.seq > kept.last?.lastSeq ?? 0 else { return false }
        let size = try PosixFileSystem().sizeOfFile(journal.directory.ledger) ?? 0
        let free = try PosixFileSystem().freeBytes(journal.directory.root)
        guard free > 2 * size + JournalLimits().lowWaterBytes else {
            counters.failed(.snapshot)
            tell(
                "no room for a snapshot of the ledger: \(free) bytes free, \(2 * size) and a reserve are needed; make room, or set retention.days"
            )
            return false
        }
        lastSnapshot = monotonicSeconds()
        let snapshot = try snapshots.make()
        logger.info("made a snapshot of the ledger", metadata: ["seq": "\(snapshot.lastSeq)"])
        return true
    }

    /// The wall clock as it was at the start, gone on evenly: a clock that jumps ahead must not make
    /// everything look old.
    private func steadyNow() -> Int64 {
        begun.wall + Int64((monotonicSeconds() - begun.monotonic) * 1_000)
    }

    // MARK: Scrub

    /// One segment at the set rate; everything is read once a day at most.
    private func scrubNext() throws {
        guard keeping.scrubBytesPerSecond > 0 else { return }
        if toScrub.isEmpty {
            guard scrubbed == 0 || monotonicSeconds() - scrubbed > 86_400 else { return }
            scrubbed = monotonicSeconds()
            toScrub = try scrub.segments().reversed()
        }
        guard let name = toScrub.popLast() else { return }
        let began = monotonicSeconds()
        _ = try scrub.check(name) { bytes in
            // At another rate, or at none: the rest of the segment is read at once.
            let rate = keeping.scrubBytesPerSecond
            guard rate > 0 else { return }
            let ahead = Double(bytes) / Double(rate) - (monotonicSeconds() - began)
            if ahead > 0.05 { thread.rest(ahead) }
        }
    }
}

extension Retention.Limits {
    init(_ settings: KeepingSettings) {
        self.init()
        if settings.days > 0 { ageMilliseconds = Int64(settings.days) * 86_400_000 }
        if settings.bytes > 0 { bytes = settings.bytes }
    }
}
