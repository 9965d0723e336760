import ByteScan

/// Where a click may lead: an absolute http or https address that every browser reads alike.
///
/// Asked before a link is signed and again before it redirects. Narrower than RFC 3986 where readers
/// differ: no user before the host, no backslash, nothing but ASCII (a host in another script is
/// written as `xn--…`), no escapes in the host.
package enum LinkTarget {
    package static let maximumBytes = 2_048

    package static func isSound(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count <= maximumBytes, isSpelt(bytes) else { return false }
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else {
            return false
        }
        let rest = bytes.dropFirst(scheme.utf8.count)
        return isAuthority(rest.prefix { !"/?#".utf8.contains($0) })
    }

    /// Only characters of a URI; every percent sign begins an escape, and none of a control
    /// character.
    private static func isSpelt(_ bytes: [UInt8]) -> Bool {
        for (i, byte) in bytes.enumerated() {
            guard isURICharacter(byte) else { return false }
            guard byte == UInt8(ascii: "%") else { continue }
            guard i + 2 < bytes.count, let high = hexDigit(bytes[i + 1]),
                let low = hexDigit(bytes[i + 2])
            else { return false }
            let escaped = high << 4 | low
            if escaped < 0x20 || escaped == 0x7f { return false }
        }
        return true
    }

    private static func isURICharacter(_ byte: UInt8) -> Bool {
        switch byte {
        // All that is visible but " < > \ ^ ` { | }.
        case 0x22, 0x3c, 0x3e, 0x5c, 0x5e, 0x60, 0x7b...0x7d: false
        default: (0x21...0x7e).contains(byte)
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: false
        }
    }

    /// host, host:port or [address]:port.
    private static func isAuthority(_ text: ArraySlice<UInt8>) -> Bool {
        var host = text
        var port: ArraySlice<UInt8>?
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = text[(text.startIndex + 1)..<end]
            let rest = text[(end + 1)...]
            guard address.count >= 2, address.contains(UInt8(ascii: ":")),
                address.allSatisfy({ hexDigit($0) != nil || $0 == 0x3a || $0 == 0x2e }),
                rest.isEmpty || rest.first == UInt8(ascii: ":")
            else { return false }
            return rest.isEmpty || isPort(rest.dropFirst())
        }
        if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            host = text[..<colon]
            port = text[(colon + 1)...]
        }
        guard host.count <= 253, port.map(isPort) ?? true else { return false }
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != 0x2d && label.last != 0x2d
                && label.allSatisfy { isLetterOrDigit($0) || $0 == 0x2d || $0 == 0x5f }
        }
    }

    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        guard (1...5).contains(text.count), text.allSatisfy({ (48...57).contains($0) }) else {
            return false
        }
        return (1...65_535).contains(text.reduce(0) { $0 * 10 + Int($1 - 48) })
    }
}
