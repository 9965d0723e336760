package import Admission
package import Logging
package import Senders
import Synchronization
package import Telemetry

/// What the connections of a lane share: who may send, what is allowed, what is counted.
///
/// The rules are each lane's own and confined to its loop; everything else is the same for all.
package final class Shared: @unchecked Sendable {
    /// From the next line or request on they are what is put here.
    package var rules: Rules
    package let counters: Counters
    package let logger: Logger
    package let budget: MemoryBudget
    private let open: OpenConnections

    package init(rules: Rules, counters: Counters, logger: Logger) {
        self.rules = rules
        self.counters = counters
        self.logger = logger
        budget = MemoryBudget(bytes: rules.limits.memoryBytes)
        open = OpenConnections()
    }

    package convenience init(
        sites: SiteBook, proxies: Proxies = Proxies(), limits: IntakeLimits, counters: Counters,
        logger: Logger, links: LinkDesk = LinkDesk()
    ) {
        self.init(
            rules: Rules(sites: sites, proxies: proxies, limits: limits, links: links),
            counters: counters, logger: logger)
    }

    /// The same for another lane.
    init(beside other: Shared) {
        rules = other.rules
        counters = other.counters
        logger = other.logger
        budget = other.budget
        open = other.open
    }

    package var sites: SiteBook { rules.sites }
    package var proxies: Proxies { rules.proxies }
    package var limits: IntakeLimits { rules.limits }
    package var links: LinkDesk { rules.links }

    /// Takes a place for a connection; false when there is none left.
    func enter() -> Bool {
        guard open.count.add(1, ordering: .relaxed).newValue <= limits.connections else {
            open.count.subtract(1, ordering: .relaxed)
            counters.refusedConnections.add()
            return false
        }
        counters.connections.add()
        counters.openConnections.add(1)
        return true
    }

    func leave() {
        open.count.subtract(1, ordering: .relaxed)
        counters.openConnections.add(-1)
    }
}

/// Of all lanes together.
private final class OpenConnections: Sendable {
    let count = Atomic<Int>(0)
}
