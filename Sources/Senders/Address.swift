import Glibc

/// An IP address. IPv4 stands mapped into IPv6 (`::ffff:a.b.c.d`), so that both kinds compare.
package struct Address: Hashable, Sendable {
    /// The 16 bytes in network order, as two numbers.
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameter v4: the four bytes in network order, as one number: 0x7f000001 is 127.0.0.1.
    package init(v4: UInt32) {
        high = 0
        low = 0xffff_0000_0000 | UInt64(v4)
    }

    /// - Parameter bytes: 4 or 16, in network order; nil with another number.
    package init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self.init(v4: bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            self.init(
                high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                low: bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) })
        default: return nil
        }
    }

    /// An address as people write it, without brackets, port or zone; nil for anything else.
    /// Source: RFC 4291, section 2.2.
    package init?(_ text: some StringProtocol) {
        var text = String(text)
        guard let address = text.withUTF8({ Address(text: $0) }) else { return nil }
        self = address
    }

    /// The same of bytes.
    package init?(text: UnsafeBufferPointer<UInt8>) {
        guard (2...Self.longestText).contains(text.count), let start = text.baseAddress,
            memchr(start, 0, text.count) == nil
        else { return nil }
        let address: Address? = withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: Self.longestText + 1
        ) { copy in
            guard let end = copy.baseAddress else { return nil }
            memcpy(end, start, text.count)
            end[text.count] = 0
            return memchr(start, Int32(UInt8(ascii: ":")), text.count) == nil
                ? parsedV4(end) : parsedV6(end)
        }
        guard let address else { return nil }
        self = address
    }

    /// As long as `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`.
    private static let longestText = 45

    package var isV4: Bool { high == 0 && low >> 32 == 0xffff }

    /// 127.0.0.0/8 or ::1: this machine.
    package var isLoopback: Bool { isV4 ? v4 >> 24 == 127 : high == 0 && low == 1 }

    /// The four bytes of an IPv4 address.
    private var v4: UInt32 { UInt32(truncatingIfNeeded: low) }

    /// What is left of an address when it may be kept for a moment: the /24 of IPv4, the /48 of
    /// IPv6. It names a network, not a person.
    package var truncated: Address {
        isV4
            ? Address(high: high, low: low & ~0xff)
            : Address(high: high & 0xffff_ffff_ffff_0000, low: 0)
    }

    /// Reached over the internet. Not so: this machine, private networks and those of carriers.
    /// Source: RFC 6890.
    package var isPublic: Bool { !Self.special.contains { $0.contains(self) } }

    private static let special = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3", "::/127", "fc00::/7", "fe80::/10",
        "ff00::/8",
    ].compactMap { Network($0) }
}

private func parsedV4(_ text: UnsafePointer<CChar>) -> Address? {
    var address = in_addr()
    guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
    return Address(v4: UInt32(bigEndian: address.s_addr))
}

private func parsedV6(_ text: UnsafePointer<CChar>) -> Address? {
    var halves: (UInt64, UInt64) = (0, 0)
    guard inet_pton(AF_INET6, text, &halves) == 1 else { return nil }
    return Address(high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1))
}
