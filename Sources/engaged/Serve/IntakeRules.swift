import Admission
import Intake
import Journal
import Logging
import Senders
import Settings
import Visitors

/// Makes intake's rules of the settings; what the rules only refer to stays the same whatever they are:
/// keys of links, the ledger, what is known of machines.
struct IntakeRules: Sendable {
    private let linkKeys: LinkKeyWatch
    private let people: LedgerFacts
    private let watch: MachineWatch
    private let logger: Logger

    init(_ core: Core, linkKeys: LinkKeyWatch, logger: Logger) {
        self.linkKeys = linkKeys
        self.logger = logger
        people = LedgerFacts(ledger: core.journal.directory.ledger)
        watch = MachineWatch(MachineSettings(core.settings.machines))
    }

    func rules(_ settings: Settings, visitors: VisitorDay?) -> Rules {
        let connections = Descriptors.connections(
            wanted: settings.limits.connections, descriptors: Descriptors.raise(), logger: logger)
        return Rules(
            sites: SiteBook(
                settings.sites.map { Site($0, burstSeconds: settings.limits.rateBurstSeconds) }),
            proxies: Proxies(settings.proxies),
            limits: IntakeLimits(settings, connections: connections),
            links: LinkDesk(settings, keys: linkKeys.keyring, people: people),
            machines: MachineWatch(MachineSettings(settings.machines), after: watch),
            visitors: visitors?.names)
    }
}
