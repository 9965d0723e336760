import Senders
import TestSupport
import Testing

@Suite struct ProxyHeaderTests {
    static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]

    static func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 255)] + rest
    }

    static let v4: [UInt8] = [203, 0, 113, 7, 127, 0, 0, 1, 0x12, 0x34, 0x01, 0xbb]
    static let v6: [UInt8] =
        [0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [5]
        + [UInt8](repeating: 0, count: 15) + [1, 0x12, 0x34, 0x01, 0xbb]

    static let sound: [([UInt8], String?)] = [
        (Array("PROXY TCP4 203.0.113.7 127.0.0.1 56324 443\r\n".utf8), "203.0.113.7"),
        (Array("PROXY TCP6 2001:db8::5 ::1 0 65535\r\n".utf8), "2001:db8::5"),
        (Array("PROXY UNKNOWN\r\n".utf8), nil),
        (Array("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".utf8), nil),
        (binary(0x21, 0x11, v4), "203.0.113.7"), (binary(0x21, 0x21, v6), "2001:db8::5"),
        // With additions behind the addresses.
        (binary(0x21, 0x11, v4 + [4, 0, 3, 1, 2, 3]), "203.0.113.7"),
        // The proxy's own look at our health; a Unix socket.
        (binary(0x20, 0x00, []), nil), (binary(0x20, 0x11, v4), nil),
        (binary(0x21, 0x31, [UInt8](repeating: 0, count: 216)), nil), (binary(0x21, 0x00, []), nil),
    ]

    @Test(arguments: sound)
    func `a sound header names the source and ends where it ends`(
        bytes: [UInt8], source: String?
    ) {
        let whole = ProxyHeader.whole(bytes: bytes.count, source: source.flatMap { Address($0) })
        #expect(ProxyHeader(bytes) == whole)
        #expect(ProxyHeader(bytes + Array("{\"type\"".utf8)) == whole)
        for count in 0..<bytes.count { #expect(ProxyHeader(bytes.prefix(count)) == .incomplete) }
    }

    static let padding = [UInt8](repeating: 0x20, count: 4_200)

    static let broken: [[UInt8]] =
        [
            "GET / HTTP/1.1\r\n", "POST /", "PROXI", "proxy TCP4 1.1.1.1 1.1.1.1 1 1\r\n", "{",
            "PROXY TCP4 1.1.1.1 1.1.1.1 1 1\n", "PROXY TCP4 1.1.1.1 1.1.1.1 1 12\n", "PROXY\r\n",
            "PROXY \r\n",
            "PROXY TCP4  1.1.1.1 1.1.1.1 1 1\r\n", "PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n",
            "PROXY TCP4 1.1.1.1 1.1.1.1 1 65536\r\n", "PROXY TCP4 1.1.1.1 1.1.1.1 01 1\r\n",
            "PROXY TCP4 1.1.1.1 1.1.1.1 +1 1\r\n", "PROXY TCP4 ::1 ::1 1 1\r\n",
            "PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r\n", "PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n",
            "PROXY TCP4 1.1.1.1 1.1.1.1 1 1 1\r\n", "PROXY TCP4 1.1.1 1.1.1.1 1 1\r\n",
            "PROXY " + String(repeating: "U", count: 200) + "\r\n",
            // A mark that joins the blank before it.
            "PROXY \u{619}\r\n", "PROXY UNKNOWN \u{619}\r\n",
        ].map { Array($0.utf8) } + [
            binary(0x11, 0x11, v4), binary(0x22, 0x11, v4), binary(0x21, 0x12, v4),
            binary(0x21, 0x11, Array(v4.dropLast())), binary(0x21, 0x21, v4),
            binary(0x21, 0x11, [UInt8](repeating: 0, count: 4_081)),
            [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 11], [13, 10, 10],
        ]

    @Test(arguments: broken)
    func `a broken header, or none, is wrong`(bytes: [UInt8]) {
        #expect(ProxyHeader(bytes) == .wrong)
    }

    @Test func `no bytes upset it, and it never asks for more than its bound`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRNG(seed)
        for _ in 0..<2_000 {
            var bytes = Self.sound.randomElement(using: &random)!.0
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            bytes += Self.padding
            switch ProxyHeader(bytes) {
            case .incomplete: Issue.record("seed \(seed): waits behind its bound")
            case .wrong: break
            case .whole(let count, _): #expect(count <= 4_096, "seed \(seed)")
            }
        }
    }
}
