import Senders

extension RequestHead {
    private static let ofPages = HeaderSet([
        .origin, .referer, .secFetchSite, .secFetchMode, .secFetchDest,
    ])

    /// A page may have made the request: in a browser on this machine one from anywhere can ask this
    /// machine, too, without the one knowing who sits before it.
    ///
    /// A browser says so in one of these headers (Fetch, "Origin"; Fetch Metadata Request Headers), or at
    /// least what name the page has for this machine: one whose owner lets it point here, to be of the
    /// same origin, is still his name.
    var mayBeOfPage: Bool {
        meets(Self.ofPages) || !each(.host, satisfies: Self.isThisMachine)
    }

    /// An address, or a name that never leads elsewhere (RFC 6761, 6.3), with or without a port.
    private static func isThisMachine(_ host: UnsafeBufferPointer<UInt8>) -> Bool {
        if Address(text: host) != nil { return true }
        var name = host[...]
        if let colon = host.lastIndex(of: UInt8(ascii: ":")),
            host[colon...].dropFirst().allSatisfy({ $0 &- 48 < 10 })
        {
            name = host[..<colon]
        }
        if name.count >= 2, name.first == UInt8(ascii: "["), name.last == UInt8(ascii: "]") {
            name = name.dropFirst().dropLast()
        }
        if name.isEmpty { return true }
        let bare = UnsafeBufferPointer(rebasing: name)
        let domain: StaticString = ".localhost"
        return Address(text: bare) != nil || RequestReader.isWord(bare, "localhost")
            || RequestReader.isWord(
                UnsafeBufferPointer(rebasing: name.suffix(domain.utf8CodeUnitCount)), domain)
    }
}
