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
    /// nil: TLS isn't spoken.
    package let tls: TLSDoor?
    /// Room for a piece of an inflated body, for one at a time. The lane's own, too.
    var inflated = [UInt8](repeating: 0, count: 16 << 10)
    private let open: OpenConnections

    package init(rules: Rules, counters: Counters, logger: Logger, tls: TLSDoor? = nil) {
        self.rules = rules
        self.tls = tls
        self.counters = counters
        self.logger = logger
        budget = MemoryBudget(bytes: rules.limits.memoryBytes)
        open = OpenConnections()
    }

    package convenience init(
        sites: SiteBook, proxies: Proxies = Proxies(), limits: IntakeLimits, counters: Counters,
        logger: Logger, links: LinkDesk = LinkDesk(), tls: TLSDoor? = nil
    ) {
        self.init(
            rules: Rules(sites: sites, proxies: proxies, limits: limits, links: links),
            counters: counters, logger: logger, tls: tls)
    }

    /// The same for another lane.
    init(beside other: Shared) {
        rules = other.rules
        counters = other.counters
        logger = other.logger
        budget = other.budget
        tls = other.tls
        open = other.open
    }

    package var sites: SiteBook { rules.sites }
    package var proxies: Proxies { rules.proxies }
    package var limits: IntakeLimits { rules.limits }
    package var links: LinkDesk { rules.links }

    /// A connection's place, to be given back.
    package struct Entry: Sendable {
        /// The address that it counts for, if it does.
        fileprivate let counted: Address?
    }

    /// Takes a place for a connection; nil when there is none left, or none for that address.
    package func enter(_ address: Address?) -> Entry? {
        guard open.count.add(1, ordering: .relaxed).newValue <= limits.connections else {
            return refuse(.connections)
        }
        let counted = address.flatMap { isCounted($0) ? $0 : nil }
        if let counted, !open.perAddress.enter(counted, most: limits.connectionsPerAddress) {
            return refuse(.connectionsPerAddress)
        }
        counters.connections.add()
        counters.openConnections.add(1)
        return Entry(counted: counted)
    }

    private func refuse(_ limit: Limit) -> Entry? {
        open.count.subtract(1, ordering: .relaxed)
        counters.refusedConnections.add()
        counters.reached(limit)
        return nil
    }

    package func leave(_ entry: Entry) {
        open.count.subtract(1, ordering: .relaxed)
        counters.openConnections.add(-1)
        if let address = entry.counted { open.perAddress.leave(address) }
    }

    /// A proxy comes for many; and who is on this machine could take its descriptors anyway.
    private func isCounted(_ address: Address) -> Bool {
        !address.isLoopback && !proxies.trusts(address)
    }

    /// Addresses that are connected, this machine's and the proxies' left out.
    package var addresses: Int { open.perAddress.addresses }
}

/// Of all lanes together.
private final class OpenConnections: Sendable {
    let count = Atomic<Int>(0)
    let perAddress = AddressTally()
}
