/// The proxies that an operator trusts, and what is to be believed of who stands behind them.
package struct Proxies: Sendable {
    private let networks: [Network]
    private let header: ForwardedChain.Header
    /// Connections from a trusted address begin with a PROXY header.
    private let speakProtocol: Bool

    package init(
        _ networks: [Network] = [], header: ForwardedChain.Header = .xForwardedFor,
        speakProtocol: Bool = false
    ) {
        self.networks = networks
        self.header = header
        self.speakProtocol = speakProtocol
    }

    package func trusts(_ address: Address) -> Bool { networks.contains { $0.contains(address) } }

    /// Who connects from there has to say first for whom.
    package func demandsHeader(of peer: Address?) -> Bool {
        guard speakProtocol, let peer else { return false }
        return trusts(peer)
    }

    /// Who connects, before a request has said more.
    package func client(connecting peer: Address?) -> Client {
        guard let peer else { return Client(address: nil, isHere: false) }
        return trusts(peer)
            ? Client(address: nil, isHere: false)
            : Client(address: peer, isHere: peer.isLoopback)
    }

    /// Who sent a request.
    ///
    /// - Parameters:
    ///   - peer: at the other end of the connection, or as a PROXY header named it.
    ///   - isPassedOn: one of `signs` stands in the request.
    ///   - values: gives all values of a header by its lower-case name.
    package func client(
        behind peer: Address?, isPassedOn: Bool, values: (String) -> [String]
    ) -> Client {
        guard let peer else { return Client(address: nil, isHere: false) }
        guard trusts(peer) else {
            // Somebody here who passes on others' requests without being trusted is a proxy
            // nobody told us of: he doesn't lend them his place.
            return Client(address: peer, isHere: peer.isLoopback && !isPassedOn)
        }
        var last: Address?
        for hop in ForwardedChain.hops(header, values(header.rawValue)) {
            guard let hop else { return Client(address: nil, isHere: false) }
            last = hop
            if !trusts(hop) { break }
        }
        return Client(address: last, isHere: false)
    }

    /// Headers that only a proxy has a reason to write.
    package static let signs = [
        "x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host",
        "x-forwarded-proto", "x-forwarded-server", "x-forwarded", "x-client-ip", "true-client-ip",
        "cf-connecting-ip", "cdn-loop",
    ]
}

/// Who is at the far end, as far as it can be known.
package struct Client: Equatable, Sendable {
    /// nil: unknown.
    package var address: Address?
    /// Connected from this machine, by itself: what an open site is open to. Nobody for whom a
    /// proxy speaks is, whatever address it names.
    package var isHere: Bool

    package init(address: Address?, isHere: Bool) {
        self.address = address
        self.isHere = isHere
    }
}
