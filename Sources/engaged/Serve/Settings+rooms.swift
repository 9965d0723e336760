import Admission
import Intake
import Journal
import Links
import Logging
import Pages
import Rollup
import Senders
import Settings

// Each room has limits of its own, in its own words; the settings fill them in here.

extension Site {
    init(_ settings: SiteSettings) {
        self.init(
            name: settings.name, keys: settings.keys, browserKeys: settings.browserKeys,
            origins: settings.origins, isByOrigin: settings.byOrigin, isOpen: settings.open,
            namesVisitors: settings.anonymousVisitors)
    }
}

extension Proxies {
    init(_ settings: ProxySettings) {
        self.init(
            settings.trusted, header: settings.header, speakProtocol: settings.speakProtocol)
    }
}

extension MachineSettings {
    init(_ settings: MachineOptions) {
        self.init()
        deliverySeconds = settings.deliverySeconds
        links = settings.links
        linksSeconds = settings.linksSeconds
        honeypotSeconds = settings.honeypotSeconds
        judgesServers = settings.servers
        burstEvents = settings.burstEvents
        burstSeconds = settings.burstSeconds
    }
}

extension JournalLimits {
    init(_ settings: Settings) {
        self.init()
        queueBytes = settings.journal.queueBytes
        segmentBytes = settings.journal.segmentBytes
        segmentAgeNanoseconds = UInt64(settings.journal.segmentAgeSeconds) * 1_000_000_000
        quarantineBytes = settings.keeping.quarantineBytes
    }
}

extension RollupSettings {
    init(_ settings: RollupOptions) {
        self.init()
        dedupeWindow = UInt64(settings.dedupeWindow)
        flushMilliseconds = UInt64(settings.flushMilliseconds)
        queueBytes = settings.queueBytes
        deltaBytes = MemoryPlan.deltaBytes
    }
}

extension IntakeLimits {
    /// - Parameter connections: as many as there are file descriptors for.
    init(_ settings: Settings, connections: Int) {
        self.init()
        self.connections = connections
        memoryBytes = MemoryPlan(settings).intakeBytes
        sealedBytes = MemoryPlan(settings).sealedBytes
        lineBytes = settings.limits.lineBytes
        datagramBytes = settings.limits.datagramBytes
        bodyBytes = settings.limits.bodyBytes
        inflatedBodyBytes = settings.limits.inflatedBodyBytes
        headerBytes = settings.limits.headerBytes
        idleSeconds = settings.limits.idleTimeoutSeconds
        requestSeconds = settings.limits.requestTimeoutSeconds
        udpReceiveBufferBytes = settings.udpReceiveBufferBytes
    }
}

extension TLSIdentity.Version {
    init(_ minimum: TLSMinimum) {
        switch minimum {
        case .v12: self = .v12
        case .v13: self = .v13
        }
    }
}

extension LinkDesk {
    convenience init(_ settings: Settings, keys: Keyring, people: any PersonSource) {
        self.init(
            keys: keys, address: settings.linkAddress,
            signers: SignerBook(
                settings.sites.flatMap { site in site.signers.map { ($0, site.name) } }),
            sites: settings.sites.map(\.name), people: people)
    }
}

extension Logger {
    func tell(_ notice: JournalNotice) {
        switch notice.severity {
        case .info: info("\(notice)")
        case .warning: warning("\(notice)")
        case .error: error("\(notice)")
        }
    }
}
