/// What a page's address says of it.
package enum PageAddress {
    /// `https://shop.example:8443` of `https://shop.example:8443/boots?x`: scheme, host and port, as the
    /// header `Origin` has them (RFC 6454, section 6.2). nil: the address isn't of the web.
    package static func origin(of address: String) -> String? {
        guard let scheme = ["https://", "http://"].first(where: address.hasPrefix) else {
            return nil
        }
        let rest = address.utf8.dropFirst(scheme.utf8.count)
        let ends = [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")]
        let host = rest.prefix { !ends.contains($0) }
        guard !host.isEmpty, !host.contains(UInt8(ascii: "@")) else { return nil }
        return scheme + (String(host) ?? "")
    }
}
