import NIOCore
import Senders

extension Address {
    /// nil for a Unix socket. The address stands at byte 4 of a sockaddr_in and at byte 8 of a
    /// sockaddr_in6 (ip(7), ipv6(7)).
    init?(_ address: SocketAddress?) {
        switch address {
        case .v4(let v4): self.init(bytes: withUnsafeBytes(of: v4.address) { Array($0[4..<8]) })
        case .v6(let v6): self.init(bytes: withUnsafeBytes(of: v6.address) { Array($0[8..<24]) })
        case .unixDomainSocket, nil: return nil
        }
    }
}

/// Who is at the other end of a connection: as the kernel says, or as a trusted proxy's PROXY header
/// does. Confined to the connection's loop.
final class Peer {
    private(set) var address: Address?
    /// A header has named somebody: he doesn't connect from here, whoever he is.
    private var isNamed = false

    init(_ address: Address?) { self.address = address }

    /// - Parameter source: nil where the proxy names nobody.
    func name(_ source: Address?) {
        address = source
        isNamed = true
    }

    func client(_ proxies: Proxies) -> Client {
        seen(proxies.client(connecting: address))
    }

    func client(_ proxies: Proxies, _ head: RequestHead) -> Client {
        seen(
            proxies.client(behind: address, isPassedOn: head.meets(.passedOn)) { name in
                HeaderName(text: name).map(head.values) ?? []
            })
    }

    private func seen(_ client: Client) -> Client {
        var client = client
        client.isHere = client.isHere && !isNamed
        return client
    }
}
