import Admission
import Intake
import Journal
import Links
import Logging
import Pages
import Reports
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

    /// - Parameter burstSeconds: how many seconds' worth of a key's events may come at once.
    init(_ settings: SiteSettings, burstSeconds: Int) {
        self.init(settings)
        func rate(_ events: Int) -> Rate? {
            events > 0 ? Rate(eventsPerSecond: events, burstSeconds: burstSeconds) : nil
        }
        self.rate = rate(settings.eventsPerSecond)
        browserRate = rate(settings.browserEventsPerSecond)
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
        inflateRatio = settings.limits.inflateRatio
        connectionsPerAddress = settings.limits.connectionsPerAddress
        requestsPerConnection = settings.limits.requestsPerConnection
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

extension AdminServer.Address {
    init(_ address: AdminAddress) {
        self =
            switch address {
            case .network(let address): .network(host: address.host, port: address.port)
            case .unix(let path): .unix(path)
            }
    }
}
