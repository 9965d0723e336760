/// What proxies say of the addresses that a request came through.
///
/// Whoever sends a request writes what he likes at the left; each proxy adds at the right the
/// address that it was asked by. So the list is read from the right, and only as far as it was
/// written by those who are trusted.
package enum ForwardedChain {
    /// More are not looked at: no path is that long.
    package static let mostHops = 32

    /// The header that the operator's proxies write. Only that one is read: a proxy passes on what
    /// a client claims in the other.
    package enum Header: String, CaseIterable, Sendable {
        /// `X-Forwarded-For: 203.0.113.7, 10.0.0.1`
        case xForwardedFor = "x-forwarded-for"
        /// `Forwarded: for=203.0.113.7;proto=https, for="[2001:db8::1]:4711"`. Source: RFC 7239.
        case forwarded
    }

    /// The addresses from the right; nil for one that is hidden, or that can't be read.
    ///
    /// - Parameter values: the header's, in the order in which they stand in the request.
    static func hops(_ header: Header, _ values: [String]) -> [Address?] {
        var hops: [Address?] = []
        for value in values.reversed() {
            var rest = value[...]
            while hops.count < mostHops {
                let comma = lastComma(in: rest, knowsQuotes: header == .forwarded)
                let element = rest[(comma.map { rest.utf8.index(after: $0) } ?? rest.startIndex)...]
                switch header {
                case .xForwardedFor: hops.append(node(trimmed(element)))
                case .forwarded: hops.append(forwardedFor(element))
                }
                guard let comma else { break }
                rest = rest[..<comma]
            }
        }
        return hops
    }

    /// Quotes are paired from the right, too: one that a client leaves open at the left swallows nothing
    /// of what a proxy adds.
    private static func lastComma(in text: Substring, knowsQuotes: Bool) -> Substring.Index? {
        let bytes = text.utf8
        var isQuoted = false
        var i = bytes.endIndex
        while i > bytes.startIndex {
            bytes.formIndex(before: &i)
            switch bytes[i] {
            case UInt8(ascii: ",") where !isQuoted: return i
            case UInt8(ascii: "\"") where knowsQuotes:
                // Escaped only where an odd number of backslashes stands before it.
                let backslashes = bytes[..<i].reversed().prefix { $0 == UInt8(ascii: "\\") }.count
                if !isQuoted || backslashes.isMultiple(of: 2) { isQuoted.toggle() }
            default: break
            }
        }
        return nil
    }

    /// The `for` of one element of a `Forwarded` header. Two of them are a mistake or a trick.
    private static func forwardedFor(_ element: Substring) -> Address? {
        var found: Address?
        var isNamed = false
        for pair in split(element, at: UInt8(ascii: ";")) {
            let pair = trimmed(pair)
            guard let mark = pair.firstIndex(of: "=") else { continue }
            guard pair[..<mark].lowercased() == "for" else { continue }
            if isNamed { return nil }
            isNamed = true
            guard let value = unquoted(pair[pair.index(after: mark)...]) else { return nil }
            found = node(value[...])
        }
        return found
    }

    /// An address with or without brackets and port.
    private static func node(_ text: Substring) -> Address? {
        guard text.utf8.count <= 64 else { return nil }
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") && isPort(rest.dropFirst()) else {
                return nil
            }
            let inner = text[text.index(after: text.startIndex)..<end]
            return inner.contains(":") ? Address(inner) : nil
        }
        let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
        guard colons == 1, let colon = text.firstIndex(of: ":") else { return Address(text) }
        return isPort(text[text.index(after: colon)...]) ? Address(text[..<colon]) : nil
    }

    /// A number, or an obfuscated port (RFC 7239, section 6.3).
    private static func isPort(_ text: Substring) -> Bool {
        (1...20).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0 &- 48 < 10 || ($0 | 0x20) &- 97 < 26 || [0x2e, 0x5f, 0x2d].contains($0)
            }
    }

    /// Splits where the separator isn't within quotes.
    private static func split(_ text: some StringProtocol, at separator: UInt8) -> [Substring] {
        let text = Substring(text)
        var parts: [Substring] = []
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        for i in text.utf8.indices {
            let byte = text.utf8[i]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                parts.append(text[start..<i])
                start = text.utf8.index(after: i)
            }
        }
        parts.append(text[start...])
        return parts
    }

    /// The text of a token or of a quoted string; nil when the quotes are wrong.
    private static func unquoted(_ text: Substring) -> String? {
        guard text.hasPrefix("\"") else { return text.contains("\"") ? nil : String(text) }
        guard text.utf8.count >= 2, text.hasSuffix("\"") else { return nil }
        var out: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8.dropFirst().dropLast() {
            if !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if !isEscaped, byte == UInt8(ascii: "\"") {
                return nil
            } else {
                isEscaped = false
                out.append(byte)
            }
        }
        return isEscaped ? nil : String(decoding: out, as: UTF8.self)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.utf8.first, first == 0x20 || first == 0x09 { text.removeFirst() }
        while let last = text.utf8.last, last == 0x20 || last == 0x09 { text.removeLast() }
        return text
    }
}
