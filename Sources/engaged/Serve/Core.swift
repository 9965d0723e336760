import Admission
import Engagement
import Glibc
import Intake
import Journal
import Ledger
import Links
import Logging
import Rollup
import Settings
import Synchronization
import Telemetry

/// The daemon without its sockets: journal, roll-up, ledger, and what keeps their files.
///
/// Start: lock and recovery → ledger → catch-up → journal. Stop is the way an event goes: journal
/// drained and synced → counters.
final class Core: Sendable {
    let settings: Settings
    let logger: Logger
    let counters: Counters
    let journal: Journal
    let ledger: Ledger
    let rollup: RollupLoop
    let pool: BatchPool
    let suppression: Suppression
    let rejected: RejectedLines
    let relay: AnswerRelay
    let salt: VisitorSalt
    let upkeep: Upkeep
    let summarizer: Summarizer
    let recompactor: Recompactor
    /// The ledger had counted lines that the log doesn't hold any more.
    let hasLostLines: Bool
    private let relief: Relief

    private init(
        settings: Settings, logger: Logger, counters: Counters, journal: Journal, ledger: Ledger,
        rollup: RollupLoop, pool: BatchPool, suppression: Suppression, rejected: RejectedLines,
        relay: AnswerRelay, salt: VisitorSalt, upkeep: Upkeep, summarizer: Summarizer,
        recompactor: Recompactor, hasLostLines: Bool,
        relief: Relief
    ) {
        self.settings = settings
        self.logger = logger
        self.counters = counters
        self.journal = journal
        self.ledger = ledger
        self.rollup = rollup
        self.pool = pool
        self.suppression = suppression
        self.rejected = rejected
        self.relay = relay
        self.salt = salt
        self.upkeep = upkeep
        self.summarizer = summarizer
        self.recompactor = recompactor
        self.hasLostLines = hasLostLines
        self.relief = relief
    }

    /// May take minutes, and blocks.
    /// - Throws: `JournalError`, `FileError`, `LedgerError`.
    static func start(
        _ settings: Settings, counters: Counters, logger: Logger,
        listener: StartListener = StartListener()
    ) throws -> Core {
        let began = monotonicSeconds()
        let journal = try Journal.open(
            directory: settings.dataDirectory, limits: JournalLimits(settings),
            notice: { notice in
                counters.noticed(notice)
                logger.tell(notice)
            })
        listener.opened()
        let file = LedgerFile(settings, notice: { logger.tell($0) })
        let opened = try open(file, journal, logger)
        let ledger = opened.ledger
        let suppression = Suppression()
        let relay = AnswerRelay(
            ledger: ledger, reader: journal.reader(), sink: journal, suppression: suppression,
            notice: { logger.warning("\($0)") })
        let ids = LedgerFile.idIndex(settings, notice: { logger.warning("\($0)") })
        let pool = BatchPool()
        let relief = Relief()
        let rollup = try RollupLoop(
            log: JournalLog(journal.reader(), durable: { journal.watermark.seq }), store: ledger,
            idKey: LedgerFile.idKey(journal.identity), settings: RollupSettings(settings.rollup),
            ids: ids, recycle: { pool.give(back: $0) }, notice: { logger.warning("\($0)") },
            onAnswers: { relay.look() }, onFlush: { counters.flushed(nanoseconds: $0, rows: $1) },
            givesWay: { relief.isFlooded })
        let counted = rollup.status.appliedSeq
        try catchUp(rollup, logger, listener)
        counters.recovered(
            journal.recovery, lines: rollup.status.appliedSeq &- counted, since: began)
        // What the catch-up folded is in the ledger now, the latest answers included.
        for subject in try ledger.load().withdrawn { suppression.withdraw(subject) }
        listener.writing()
        try journal.start(
            onSync: { counters.synced(nanoseconds: $0, lines: $1) },
            onDurable: { rollup.offer($0) }, onRelief: { relief.tell() },
            onFatal: { error in
                logger.critical(
                    "the disk can't be trusted; stopping. What was acknowledged is safe: look at the kernel's log and the disk, then start again",
                    metadata: ["error": "\(error)"])
                exit(Ending.inputOutput.rawValue)
            })
        // What a crash kept from being said; before anybody can come in.
        relay.look()
        let rejected = RejectedLines(
            directory: journal.directory, folderBytes: settings.rejectedFolderBytes,
            fileSystem: PosixFileSystem(), clock: SystemClock())
        let summarizer = Summarizer(
            data: journal.directory, minutes: settings.keeping.summaryMinutes,
            applied: { rollup.status.appliedSeq }, failed: { counters.failed(.summary) },
            logger: logger)
        try summarizer.start()
        let erasure = PersonErasure(
            journal: journal, ledger: ledger, rejected: rejected, snapshots: file.snapshots,
            summarizer: summarizer,
            requests: ForgetRequests(
                data: journal.directory, sink: journal, suppression: suppression,
                files: PosixFileSystem()),
            window: UInt64(settings.rollup.dedupeWindow),
            applied: { rollup.status.appliedSeq }, gauge: counters.erasures, logger: logger)
        let upkeep = Upkeep(
            settings: settings, journal: journal, ledger: ledger, snapshots: file.snapshots,
            ids: ids, erasure: erasure, counters: counters, logger: logger)
        try upkeep.start()
        let recompactor = Recompactor(
            journal, settings.keeping, applied: { rollup.status.appliedSeq }, counters: counters,
            logger: logger)
        try recompactor.start()
        let salt = VisitorSalt(directory: settings.dataDirectory, logger: logger)
        salt.keep(salt.wanted(by: settings))
        return Core(
            settings: settings, logger: logger, counters: counters, journal: journal,
            ledger: ledger, rollup: rollup, pool: pool, suppression: suppression,
            rejected: rejected, relay: relay, salt: salt, upkeep: upkeep,
            summarizer: summarizer, recompactor: recompactor,
            hasLostLines: opened.hasLostLines, relief: relief)
    }

    private static func open(
        _ file: LedgerFile, _ journal: Journal, _ logger: Logger
    ) throws -> LedgerFile.Opened {
        let opened = try file.open(
            try LedgerFile.Log(journal), notice: { logger.warning("\($0)") },
            onDamage: { error in
                // Nothing is lost: the log is the truth. The next start rebuilds.
                logger.critical(
                    "the ledger is damaged; setting it aside and stopping, the next start rebuilds it",
                    metadata: ["error": "\(error)"])
                try? file.setAside()
                exit(Ending.temporary.rawValue)
            })
        if let reason = opened.setAside {
            logger.error("the ledger was set aside in quarantine/ and is rebuilt: \(reason)")
        }
        if let origin = opened.origin {
            logger.notice(
                "the ledger goes on from a snapshot", metadata: ["seq": "\(origin.lastSeq)"])
        }
        return opened
    }

    private static func catchUp(
        _ rollup: RollupLoop, _ logger: Logger, _ listener: StartListener
    ) throws {
        var lastTold = monotonicSeconds()
        var lastLogged = lastTold
        try rollup.start { stage, done, all in
            let now = monotonicSeconds()
            guard now - lastTold > 1 else { return }
            lastTold = now
            let what = stage == .catchingUp ? "catching up" : "reading ids"
            if now - lastLogged > 5 {
                lastLogged = now
                logger.info("\(what)", metadata: ["lines": "\(done)", "of": "\(all)"])
            }
            listener.doing("\(what): \(grouped(done)) of \(grouped(all)) lines")
        }
    }

    /// Who reads sockets hears when there is room again.
    func relieve(_ server: Server?) { relief.server = server }

    /// Nothing is begun any more that isn't part of an event's way.
    func stopKeeping() {
        summarizer.stop()
        recompactor.stop()
        upkeep.stop()
    }

    /// Everything submitted is durable and counted when it returns.
    /// - Throws: when the ledger couldn't be written; nothing is lost, the log has it.
    func stop() throws {
        journal.stop()
        try rollup.stop()
        try ledger.close()
    }
}
