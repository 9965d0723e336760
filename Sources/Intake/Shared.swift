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
    private let open = Atomic<Int>(0)
    private let perAddress = AddressTally()

    package init(
        sites: SiteBook, proxies: Proxies = Proxies(), limits: IntakeLimits, counters: Counters,
        logger: Logger, links: LinkDesk = LinkDesk()
    ) {
        self.sites = sites
        self.proxies = proxies
        self.limits = limits
        self.counters = counters
        self.logger = logger
        self.links = links
        budget = MemoryBudget(bytes: limits.memoryBytes)
    }

    /// A connection's place, to be given back.
    package struct Entry: Sendable {
        /// The address that it counts for, if it does.
        fileprivate let counted: Address?
    }

    /// Takes a place for a connection; nil when there is none left, or none for that address.
    package func enter(_ address: Address?) -> Entry? {
        guard open.add(1, ordering: .relaxed).newValue <= limits.connections else {
            return refuse(.connections)
        }
        let counted = address.flatMap { isCounted($0) ? $0 : nil }
        if let counted, !perAddress.enter(counted, most: limits.connectionsPerAddress) {
            return refuse(.connectionsPerAddress)
        }
        counters.connections.add()
        counters.openConnections.add(1)
        return Entry(counted: counted)
    }

    private func refuse(_ limit: Limit) -> Entry? {
        open.subtract(1, ordering: .relaxed)
        counters.refusedConnections.add()
        counters.reached(limit)
        return nil
    }

    package func leave(_ entry: Entry) {
        open.subtract(1, ordering: .relaxed)
        counters.openConnections.add(-1)
        if let address = entry.counted { perAddress.leave(address) }
    }

    /// A proxy comes for many; and who is on this machine could take its descriptors anyway.
    private func isCounted(_ address: Address) -> Bool {
        !address.isLoopback && !proxies.trusts(address)
    }

    /// Addresses that are connected, this machine's and the proxies' left out.
    package var addresses: Int { perAddress.addresses }
}
