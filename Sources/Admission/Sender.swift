package import Senders

/// Who sent a request, as far as a line may be judged by it. Nothing of it is stored.
package struct Sender: Sendable {
    /// The network of the client's address; nil where it isn't known, or no public one.
    package var network: Address?
    package var agent: String
    /// Sent by a page or by a mail, not by somebody's server.
    package var isBeacon: Bool

    package init(network: Address?, agent: String, isBeacon: Bool) {
        self.network = network
        self.agent = agent
        self.isBeacon = isBeacon
    }
}

/// Names browsers that keep nothing, so that a day's visitors can be told apart.
package protocol VisitorNaming: Sendable {
    /// Printable ASCII that needs no escapes in JSON; nil where there can be none.
    func name(site: [UInt8], network: Address, agent: String) -> [UInt8]?
}
