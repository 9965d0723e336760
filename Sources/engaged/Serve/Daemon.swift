import Admission
import Engagement
import Glibc
import Intake
import Journal
import Ledger
import Logging
import NIOCore
import Reports
import Rollup
import ServiceLifecycle
import Settings
import Synchronization
import Telemetry

/// The running parts, in the order in which an event passes them.
///
/// Start: lock and recovery → ledger → catch-up → journal → sockets. Stop is the same way an event
/// goes: sockets → journal drained and synced → counters → connections closed.
final class Daemon: Service, Sendable {
    struct CantListen: Error {
        var address: String
        var reason: String
    }

    private let settings: Settings
    private let logger: Logger
    private let counters: Counters
    private let journal: Journal
    private let rollup: RollupLoop
    private let upkeep: Upkeep
    private let notices: ServiceNotices
    /// The ledger had counted lines that the log doesn't hold any more.
    private let hasLostLines: Bool
    private let rejected: RejectedLines
    private let server: Server
    private let house: Housekeeping
    private let stage = Stage()
    private let failed = Atomic<Bool>(false)

    private init(
        settings: Settings, logger: Logger, counters: Counters, journal: Journal,
        rollup: RollupLoop, upkeep: Upkeep, rejected: RejectedLines, server: Server,
        notices: ServiceNotices, hasLostLines: Bool
    ) {
        self.settings = settings
        self.logger = logger
        self.counters = counters
        self.journal = journal
        self.rollup = rollup
        self.upkeep = upkeep
        self.notices = notices
        self.hasLostLines = hasLostLines
        self.rejected = rejected
        self.server = server
        house = Housekeeping(
            counters: counters, journal: journal, rollup: rollup, rejected: rejected, logger: logger
        )
    }

    var hasFailed: Bool { failed.load(ordering: .relaxed) }

    /// Brings everything up to accepting sockets.
    /// - Throws: `JournalError`, `FileError`, `LedgerError`, `CantListen`.
    static func start(_ settings: Settings, logger: Logger) async throws -> Daemon {
        signal(SIGPIPE, SIG_IGN)
        let began = monotonicSeconds()
        let notices = ServiceNotices(environment: environmentVariables())
        let counters = Counters(
            types: EventType.names, reasons: Reason.allCases.map(\.code))
        let journal = try Journal.open(
            directory: settings.dataDirectory, limits: JournalLimits(settings),
            notice: { logger.tell($0) })
        let data = journal.directory
        let file = LedgerFile(settings, notice: { logger.tell($0) })
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
        let ledger = opened.ledger
        if let reason = opened.setAside {
            logger.error("the ledger was set aside in quarantine/ and is rebuilt: \(reason)")
        }
        if let origin = opened.origin {
            logger.notice(
                "the ledger goes on from a snapshot", metadata: ["seq": "\(origin.lastSeq)"])
        }
        let suppression = Suppression()
        let log = JournalLog(journal.reader(), durable: { journal.watermark.seq })
        let pool = BatchPool()
        let rollup = try RollupLoop(
            log: log, store: ledger, idKey: LedgerFile.idKey(journal.identity),
            settings: RollupSettings(settings.rollup),
            ids: LedgerFile.idIndex(settings, notice: { logger.warning("\($0)") }),
            recycle: { pool.give(back: $0) }, notice: { logger.warning("\($0)") })
        var lastTold = monotonicSeconds()
        try rollup.start { stage, done, all in
            guard monotonicSeconds() - lastTold > 1 else { return }
            lastTold = monotonicSeconds()
            let what = stage == .catchingUp ? "catching up" : "reading ids"
            logger.info("\(what)", metadata: ["lines": "\(done)", "of": "\(all)"])
            notices.extendStart(seconds: 60)
            notices.status("\(what): \(grouped(done)) of \(grouped(all)) lines")
        }
        // What the catch-up folded is in the ledger now, the latest answers included.
        for subject in try ledger.load().withdrawn { suppression.withdraw(subject) }

        let rejected = RejectedLines(
            directory: data, folderBytes: settings.rejectedFolderBytes,
            fileSystem: PosixFileSystem(), clock: SystemClock())
        let connections = Descriptors.connections(
            wanted: settings.limits.connections, descriptors: Descriptors.raise(), logger: logger)
        let shared = Shared(
            sites: SiteBook(settings.sites.map(Site.init)),
            limits: IntakeLimits(settings, connections: connections), counters: counters,
            logger: logger)
        let relief = Relief()
        try journal.start(
            onSync: { nanoseconds in
                counters.syncs.add()
                counters.syncLatency.observe(nanoseconds: nanoseconds)
            },
            onDurable: { rollup.offer($0) }, onRelief: { relief.server?.relieved() },
            onFatal: { error in
                logger.critical(
                    "the disk can't be trusted; stopping. Nothing unacknowledged was claimed durable",
                    metadata: ["error": "\(error)"])
                exit(Ending.inputOutput.rawValue)
            })
        let server: Server
        do {
            server = try await Server.start(
                host: settings.listen.host, port: settings.listen.port,
                laneCount: settings.laneCount(cores: sysconf(Int32(_SC_NPROCESSORS_ONLN))),
                shared: shared
            ) { loop in
                Lane(
                    loop: loop,
                    admission: Admission(
                        suppression: suppression, maximumLineBytes: settings.limits.lineBytes),
                    sink: journal, pool: pool, keeper: rejected, counters: counters,
                    lingerMilliseconds: settings.journal.lingerMilliseconds)
            }
        } catch {
            journal.stop()
            try? rollup.stop()
            throw CantListen(address: "\(settings.listen)", reason: "\(error)")
        }
        relief.server = server
        let upkeep = Upkeep(
            settings: settings, journal: journal, ledger: ledger, snapshots: file.snapshots,
            logger: logger)
        try upkeep.start()
        let daemon = Daemon(
            settings: settings, logger: logger, counters: counters, journal: journal,
            rollup: rollup, upkeep: upkeep, rejected: rejected, server: server, notices: notices,
            hasLostLines: opened.hasLostLines)
        let milliseconds = Int((monotonicSeconds() - began) * 1_000)
        logger.notice(
            "ready",
            metadata: [
                "listen": "\(settings.listen.host):\(server.port)",
                "data": "\(settings.dataDirectory)", "seq": "\(journal.watermark.seq)",
                "epoch": "\(journal.epoch)", "start_ms": "\(milliseconds)",
            ])
        if daemon.isDegraded {
            logger.error(
                "stored bytes are damaged or lost: nothing was deleted, copies are in quarantine/; run: engaged verify"
            )
        }
        notices.ready(daemon.state)
        return daemon
    }

    /// Runs until a graceful shutdown, then stops in order.
    func run() async throws {
        let housekeeping = Task { await house.run() }
        try? await gracefulShutdown()
        stage.set("stopping")
        notices.stopping()
        logger.notice("stopping")
        upkeep.stop()
        await server.stopReading()
        journal.stop()
        do { try rollup.stop() } catch {
            failed.store(true, ordering: .relaxed)
            logger.error(
                "the counters of the last events are not in the ledger; the next start counts them",
                metadata: ["error": "\(error)"])
        }
        await server.close()
        housekeeping.cancel()
        await housekeeping.value
        house.tick()
        logger.notice("stopped", metadata: ["seq": "\(journal.watermark.seq)"])
    }

    /// The admin port, if one is configured.
    var adminService: (any Service)? {
        guard let address = settings.admin else { return nil }
        return AdminService(
            address: address, logger: logger,
            server: AdminServer(
                host: address.host, port: address.port, counters: counters, logger: logger,
                status: { [self] in
                    house.tick()
                    return Status(
                        counters: counters, version: Engaged.version, state: state,
                        dataDirectory: settings.dataDirectory,
                        listen: "\(settings.listen.host):\(server.port)")
                },
                readiness: { [self] in
                    let state = state
                    return state == "ready" || state == "degraded" ? .ready : .notReady(state)
                }))
    }

    private var isDegraded: Bool { journal.isDegraded || hasLostLines }

    private var state: String {
        if let stage = stage.value { return stage }
        if journal.isDiskLow { return "disk nearly full" }
        if let trouble = rollup.status.trouble { return "counters are behind: \(trouble)" }
        return isDegraded ? "degraded" : "ready"
    }
}

/// The admin port must not take the daemon down with it when its address is taken.
private struct AdminService: Service {
    let address: ListenAddress
    let logger: Logger
    let server: AdminServer

    func run() async throws {
        do {
            try await server.run()
        } catch {
            logger.error(
                "no admin port: metrics and health are not served",
                metadata: ["address": "\(address)", "error": "\(error)"])
        }
        try? await gracefulShutdown()
    }
}

/// What the daemon is doing instead of being ready.
private final class Stage: Sendable {
    private let text = Mutex<String?>(nil)
    var value: String? { text.withLock { $0 } }
    func set(_ value: String) { text.withLock { $0 = value } }
}

/// The journal starts before the sockets that it tells of relief.
private final class Relief: Sendable {
    private let held = Mutex<Server?>(nil)
    var server: Server? {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}
