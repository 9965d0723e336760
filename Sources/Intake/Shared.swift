package import Admission
package import Logging
package import Senders
import Synchronization
package import Telemetry

/// What all connections share: who may send, what is allowed, what is counted.
package final class Shared: Sendable {
    package let sites: SiteBook
    package let proxies: Proxies
    package let limits: IntakeLimits
    package let counters: Counters
    package let logger: Logger
    package let budget: MemoryBudget
    package let links: LinkDesk
    /// nil: TLS isn't spoken.
    package let tls: TLSDoor?
    private let open = Atomic<Int>(0)

    package init(
        sites: SiteBook, proxies: Proxies = Proxies(), limits: IntakeLimits, counters: Counters,
        logger: Logger, links: LinkDesk = LinkDesk(), tls: TLSDoor? = nil
    ) {
        self.sites = sites
        self.proxies = proxies
        self.limits = limits
        self.counters = counters
        self.logger = logger
        self.links = links
        self.tls = tls
        budget = MemoryBudget(bytes: limits.memoryBytes)
    }

    /// Takes a place for a connection; false when there is none left.
    func enter() -> Bool {
        guard open.add(1, ordering: .relaxed).newValue <= limits.connections else {
            open.subtract(1, ordering: .relaxed)
            counters.refusedConnections.add()
            return false
        }
        counters.connections.add()
        counters.openConnections.add(1)
        return true
    }

    func leave() {
        open.subtract(1, ordering: .relaxed)
        counters.openConnections.add(-1)
    }
}
