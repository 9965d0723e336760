/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address.
package struct Network: Hashable, Sendable {
    private let base: Address
    private let highMask: UInt64
    private let lowMask: UInt64
    /// As it was written.
    package let text: String

    /// nil when it isn't an address with or without a prefix length, or has bits set behind the
    /// prefix: then it is unclear what was meant.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = Address(parts[0]) else { return nil }
        let most = address.isV4 && !parts[0].utf8.contains(UInt8(ascii: ":")) ? 32 : 128
        var bits = most
        if parts.count == 2 {
            // Int reads "+8", too.
            guard (1...3).contains(parts[1].utf8.count),
                parts[1].utf8.allSatisfy({ $0 &- 48 < 10 }), let given = Int(parts[1]),
                given <= most
            else { return nil }
            bits = given
        }
        bits += 128 - most
        highMask = Self.mask(min(bits, 64))
        lowMask = Self.mask(max(bits - 64, 0))
        guard address.high & ~highMask == 0, address.low & ~lowMask == 0 else { return nil }
        base = address
        self.text = String(text)
    }

    package func contains(_ address: Address) -> Bool {
        address.high & highMask == base.high && address.low & lowMask == base.low
    }

    /// The first `bits` of 64.
    private static func mask(_ bits: Int) -> UInt64 { bits == 0 ? 0 : ~0 << UInt64(64 - bits) }
}
