/// The header with which a proxy begins a connection to say whose it is: PROXY protocol, versions 1
/// and 2. Source: haproxy.org, doc/proxy-protocol.txt.
package enum ProxyHeader: Equatable, Sendable {
    /// Not whole yet.
    case incomplete
    /// No such header, or a broken one: the connection isn't worth listening to.
    case wrong
    /// A header of so many bytes. The source is nil where the proxy speaks for itself (`LOCAL`) or
    /// names no IP address (`UNKNOWN`, a Unix socket).
    case whole(bytes: Int, source: Address?)

    /// A header of version 1 with its line end, as the specification bounds it.
    static let longestLine = 107
    /// A header of version 2 may be 64 KiB; its additions come to some hundred bytes.
    static let longestBinary = 4_096
    private static let signature: [UInt8] = [
        0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
    ]
    private static let opening = Array("PROXY ".utf8)

    /// - Parameter bytes: from the connection's first byte, at least one.
    package init(_ bytes: some RandomAccessCollection<UInt8>) {
        let bytes = bytes.prefix(Self.longestBinary)
        if bytes.first == Self.opening[0] {
            self = Self.line(bytes)
        } else if bytes.first == Self.signature[0] {
            self = Self.binary(bytes)
        } else {
            self = bytes.isEmpty ? .incomplete : .wrong
        }
    }

    /// `PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n`
    private static func line(_ bytes: some RandomAccessCollection<UInt8>) -> ProxyHeader {
        guard bytes.starts(with: opening.prefix(bytes.count)) else { return .wrong }
        let line = bytes.prefix(longestLine)
        guard let end = line.firstIndex(of: 0x0a) else {
            return line.count == longestLine ? .wrong : .incomplete
        }
        let count = line.distance(from: line.startIndex, to: end) + 1
        guard count > opening.count + 1, line[line.index(before: end)] == 0x0d else {
            return .wrong
        }
        // Other bytes could join a blank to one character with what follows it.
        guard line.prefix(count - 2).allSatisfy({ (0x20..<0x7f).contains($0) }) else {
            return .wrong
        }
        let text = String(decoding: line.prefix(count - 2), as: UTF8.self)
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        if words[1] == "UNKNOWN" { return .whole(bytes: count, source: nil) }
        guard words.count == 6, let source = Address(words[2]), let target = Address(words[3]),
            isPort(words[4]), isPort(words[5])
        else { return .wrong }
        let isV4 = !words[2].contains(":") && !words[3].contains(":")
        switch words[1] {
        case "TCP4": guard isV4, target.isV4 else { return .wrong }
        case "TCP6":
            guard words[2].contains(":"), words[3].contains(":") else { return .wrong }
        default: return .wrong
        }
        return .whole(bytes: count, source: source)
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.count <= 5 && text.utf8.allSatisfy { $0 &- 48 < 10 }
            && UInt16(text) != nil && (text == "0" || !text.hasPrefix("0"))
    }

    private static func binary(_ bytes: some RandomAccessCollection<UInt8>) -> ProxyHeader {
        guard bytes.starts(with: signature.prefix(bytes.count)) else { return .wrong }
        guard bytes.count >= 16 else { return .incomplete }
        let head = Array(bytes.prefix(16))
        let length = Int(head[14]) << 8 | Int(head[15])
        guard head[12] >> 4 == 2, 16 + length <= longestBinary else { return .wrong }
        guard bytes.count >= 16 + length else { return .incomplete }
        let rest = bytes.dropFirst(16).prefix(length)
        switch head[12] & 0xf {
        case 0: return .whole(bytes: 16 + length, source: nil)
        case 1: break
        default: return .wrong
        }
        switch head[13] {
        // TCP over IPv4, over IPv6.
        case 0x11:
            guard length >= 12 else { return .wrong }
            return .whole(bytes: 16 + length, source: Address(bytes: rest.prefix(4)))
        case 0x21:
            guard length >= 36 else { return .wrong }
            return .whole(bytes: 16 + length, source: Address(bytes: rest.prefix(16)))
        // Unspecified; a Unix stream.
        case 0x00, 0x31: return .whole(bytes: 16 + length, source: nil)
        default: return .wrong
        }
    }
}
