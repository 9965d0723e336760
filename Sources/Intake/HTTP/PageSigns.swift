import NIOHTTP1
import Senders

extension HTTPRequestHead {
    /// A page may have made the request: in a browser on this machine one from anywhere can ask this
    /// machine, too, without the one knowing who sits before it.
    ///
    /// A browser says so in one of these headers (Fetch, "Origin"; Fetch Metadata Request Headers), or at
    /// least what name the page has for this machine: one whose owner lets it point here, to be of the
    /// same origin, is still his name.
    var mayBeOfPage: Bool {
        ["origin", "referer", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"].contains(
            where: headers.contains(name:))
            || !headers["host"].allSatisfy(Self.isThisMachine)
    }

    /// An address, or a name that never leads elsewhere (RFC 6761, 6.3), with or without a port.
    private static func isThisMachine(_ host: String) -> Bool {
        var name = host[...]
        if Address(host) == nil, let colon = host.lastIndex(of: ":"),
            host[colon...].dropFirst().utf8.allSatisfy({ $0 &- 48 < 10 })
        {
            name = host[..<colon]
        }
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        if name.isEmpty || Address(name) != nil { return true }
        let lower = name.lowercased()
        return lower == "localhost" || lower.hasSuffix(".localhost")
    }
}
