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
    private let rejected: RejectedLines
    private let server: Server
    private let house: Housekeeping
    private let stage = Stage()
    private let failed = Atomic<Bool>(false)

    private init(
        settings: Settings, logger: Logger, counters: Counters, journal: Journal,
        rollup: RollupLoop, rejected: RejectedLines, server: Server
    ) {
        self.settings = settings
        self.logger = logger
        self.counters = counters
        self.journal = journal
        self.rollup = rollup
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
        let counters = Counters(
            types: EventType.names, reasons: Reason.allCases.map(\.code))
        let journal = try Journal.open(
            directory: settings.dataDirectory, limits: JournalLimits(settings.journal),
            notice: { logger.tell($0) })
        let data = journal.directory
        let file = LedgerFile(data: data)
        let ledger = try file.open(
            settings, durable: journal.watermark.seq,
            notice: { logger.warning("\($0)") },
            alarm: { logger.error("ledger set aside in quarantine/ and rebuilt: \($0)") })
        let suppression = Suppression()
        let log = JournalLog(journal.reader(), durable: { journal.watermark.seq })
        let pool = BatchPool()
        let rollup = try RollupLoop(
            log: log, store: ledger, idKey: LedgerFile.idKey(journal.identity),
            settings: RollupSettings(settings.rollup), recycle: { pool.give(back: $0) },
            notice: { logger.warning("\($0)") })
        var lastTold = monotonicSeconds()
        try rollup.start { stage, done, all in
            guard monotonicSeconds() - lastTold > 1 else { return }
            lastTold = monotonicSeconds()
            logger.info(
                stage == .catchingUp ? "catching up" : "reading ids",
                metadata: ["lines": "\(done)", "of": "\(all)"])
        }
        // What the catch-up folded is in the ledger now, the latest answers included.
        for subject in try ledger.load().withdrawn { suppression.withdraw(subject) }

        let rejected = RejectedLines(
            directory: data, folderBytes: settings.rejectedFolderBytes,
            fileSystem: PosixFileSystem(), clock: SystemClock())
        let shared = Shared(
            sites: SiteBook(settings.sites.map(Site.init)), limits: IntakeLimits(settings),
            counters: counters, logger: logger)
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
        let daemon = Daemon(
            settings: settings, logger: logger, counters: counters, journal: journal,
            rollup: rollup, rejected: rejected, server: server)
        let milliseconds = Int((monotonicSeconds() - began) * 1_000)
        logger.notice(
            "ready",
            metadata: [
                "listen": "\(settings.listen.host):\(server.port)",
                "data": "\(settings.dataDirectory)", "seq": "\(journal.watermark.seq)",
                "epoch": "\(journal.epoch)", "start_ms": "\(milliseconds)",
            ])
        if journal.isDegraded {
            logger.error(
                "stored bytes are damaged: nothing was deleted, copies are in quarantine/; run: engaged verify"
            )
        }
        return daemon
    }

    /// Runs until a graceful shutdown, then stops in order.
    func run() async throws {
        let housekeeping = Task { await house.run() }
        try? await gracefulShutdown()
        stage.set("stopping")
        logger.notice("stopping")
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

    private var state: String {
        if let stage = stage.value { return stage }
        if journal.isDiskLow { return "disk nearly full" }
        if let trouble = rollup.status.trouble { return "counters are behind: \(trouble)" }
        return journal.isDegraded ? "degraded" : "ready"
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
