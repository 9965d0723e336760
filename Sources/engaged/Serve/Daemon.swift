import Admission
import Engagement
import Glibc
import Intake
import Journal
import Ledger
import Links
import Logging
import NIOCore
import Reports
import Rollup
import Senders
import ServiceLifecycle
import Settings
import Synchronization
import Telemetry
import Visitors

/// The core and its sockets, in the order in which an event passes them.
///
/// Start: core → sockets. Stop is the same way an event goes: sockets → journal drained and synced
/// → counters → connections closed.
final class Daemon: Service, Sendable {
    struct CantListen: Error {
        var address: String
        var reason: String
    }

    private let core: Core
    private let server: Server
    private let notices: ServiceNotices
    private let house: Housekeeping
    private let reload: Reload
    private let vitals: Vitals
    let admin: AdminPort?
    private let stage = Stage()
    private let failed = Atomic<Bool>(false)

    private init(
        _ core: Core, server: Server, notices: ServiceNotices, linkKeys: LinkKeyWatch,
        certificates: CertificateWatch?, reload: Reload, admin: AdminPort?
    ) {
        self.admin = admin
        self.core = core
        self.server = server
        self.notices = notices
        self.reload = reload
        vitals = Vitals(
            // A beat that is on its way counts as one.
            patienceNanoseconds: 2 * Pulse.patienceNanoseconds(notices),
            gauge: core.counters.stuckThreads, now: SystemClock().monotonicNanoseconds())
        house = Housekeeping(
            counters: core.counters, journal: core.journal, rollup: core.rollup,
            rejected: core.rejected, linkKeys: linkKeys, certificates: certificates,
            salt: core.salt, logger: core.logger)
    }

    var hasFailed: Bool { failed.load(ordering: .relaxed) }

    /// Brings everything up to accepting sockets.
    /// - Parameters:
    ///   - sockets: those that the service manager holds, if it does.
    ///   - orders: to read the configuration again.
    ///   - beginWriting: told before the first line may be written to the log.
    /// - Throws: `CertificateFiles.Trouble`, `JournalError`, `FileError`, `LedgerError`, `CantListen`.
    static func start(
        _ settings: Settings, sockets: InheritedSockets?, orders: ReloadOrders, logger: Logger,
        beginWriting: @escaping @Sendable () -> Void
    ) async throws -> Daemon {
        signal(SIGPIPE, SIG_IGN)
        let began = monotonicSeconds()
        let notices = ServiceNotices(environment: environmentVariables())
        let identity = try CertificateFiles(settings).map { ($0, try $0.read()) }
        let counters = Counters.ofDaemon()
        let front = Front(settings, counters)
        let listener = StartListener(
            // Not before: who finds the data locked leaves the other's address alone, too.
            opened: { front.openPort(logger) },
            doing: {
                front.set(doing: $0)
                notices.extendStart(seconds: 60)
                notices.status($0)
            }, writing: beginWriting)
        let core: Core
        do {
            core = try await onThread(named: "start") {
                try Core.start(settings, counters: counters, logger: logger, listener: listener)
            }
        } catch {
            await front.port?.close()
            throw error
        }
        let linkKeys = LinkKeyWatch(settings, logger: logger)
        let intake = IntakeRules(core, linkKeys: linkKeys, logger: logger)
        let certificates = identity.map {
            CertificateWatch($0, $1, settings.tls, core.counters, logger)
        }
        let server: Server
        do { server = try await listen(core, intake, certificates, sockets) } catch {
            core.stopKeeping()
            try? core.stop()
            await front.port?.close()
            throw CantListen(address: "\(settings.listen)", reason: "\(error)")
        }
        core.relieve(server)
        let daemon = Daemon(
            core, server: server, notices: notices, linkKeys: linkKeys, certificates: certificates,
            reload: Reload(
                orders, from: settings,
                parts: reloadedParts(core, intake, server, linkKeys, certificates),
                counters: core.counters.configuration, notices: notices, logger: logger),
            admin: front.port)
        front.open(daemon)
        let milliseconds = Int((monotonicSeconds() - began) * 1_000)
        logger.notice(
            "ready",
            metadata: [
                "listen": "\(settings.listen.host):\(server.port)",
                "sockets": "\(sockets == nil ? "own" : "inherited")",
                "data": "\(settings.dataDirectory)", "seq": "\(core.journal.watermark.seq)",
                "epoch": "\(core.journal.epoch)", "start_ms": "\(milliseconds)",
            ])
        if daemon.isDegraded {
            logger.error(
                "stored bytes are damaged or lost: nothing was deleted, copies are in quarantine/; run: engaged verify"
            )
        }
        // Who is told of it may ask at once how it goes.
        await front.port?.opened()
        notices.ready(daemon.state)
        return daemon
    }

    private static func listen(
        _ core: Core, _ intake: IntakeRules, _ certificates: CertificateWatch?,
        _ sockets: InheritedSockets?
    ) async throws -> Server {
        let settings = core.settings
        let rules = intake.rules(settings, visitors: core.salt.wanted(by: settings))
        return try await Server.start(
            host: settings.listen.host, port: settings.listen.port,
            laneCount: settings.laneCount(cores: sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            shared: Shared(
                rules: rules, counters: core.counters, logger: core.logger, tls: certificates?.door),
            inherited: sockets
        ) { loop in
            Lane(
                loop: loop,
                admission: Admission(
                    suppression: core.suppression, watch: rules.machines, visitors: rules.visitors,
                    maximumLineBytes: rules.limits.lineBytes),
                sink: core.journal, pool: core.pool, keeper: core.rejected,
                counters: core.counters,
                lingerMilliseconds: settings.journal.lingerMilliseconds)
        }
    }

    /// Runs until a graceful shutdown, then stops in order.
    func run() async throws {
        let housekeeping = Task { await house.run() }
        let pulse = Task { [self] in
            await Pulse(core, server: server, notices: notices, vitals: vitals) { [self] in state }
                .run()
        }
        let reloading = Task { [self] in await reload.run { [self] in state } }
        try? await gracefulShutdown()
        reloading.cancel()
        await reloading.value
        stage.set("stopping")
        notices.stopping()
        core.logger.notice("stopping")
        core.stopKeeping()
        await server.stopReading()
        do { try core.stop() } catch {
            failed.store(true, ordering: .relaxed)
            core.logger.error(
                "the counters of the last events are not in the ledger; the next start counts them",
                metadata: ["error": "\(error)"])
        }
        pulse.cancel()
        await pulse.value
        await server.close()
        housekeeping.cancel()
        await housekeeping.value
        house.tick()
        core.logger.notice("stopped", metadata: ["seq": "\(core.journal.watermark.seq)"])
    }

    func measure() {
        house.measure()
        core.counters.ready.set(isReady)
        _ = stuck
    }

    /// Which threads don't get on, in words; nothing: all is well.
    var stuck: [String] { vitals.stuck(now: SystemClock().monotonicNanoseconds()) }

    var readiness: AdminServer.Readiness { isReady ? .ready : .notReady(state) }

    var status: Status {
        Status(
            counters: core.counters, version: Engaged.version, state: state,
            dataDirectory: core.settings.dataDirectory,
            listen: "\(core.settings.listen.host):\(server.port)",
            eventsPerSecond: house.eventsPerSecond)
    }

    private var isReady: Bool { ["ready", "degraded"].contains(state) }

    private var isDegraded: Bool { core.journal.isDegraded || core.hasLostLines }

    private var state: String {
        if let stage = stage.value { return stage }
        let stuck = stuck
        if !stuck.isEmpty { return "stuck: \(stuck.joined(separator: ", "))" }
        if core.journal.isDiskLow { return "disk nearly full" }
        if let trouble = core.rollup.status.trouble { return "counters are behind: \(trouble)" }
        return isDegraded ? "degraded" : "ready"
    }
}

/// What the daemon is doing instead of being ready.
private final class Stage: Sendable {
    private let text = Mutex<String?>(nil)
    var value: String? { text.withLock { $0 } }
    func set(_ value: String) { text.withLock { $0 = value } }
}
