/// The key of a 64-bit hash over bytes that senders choose.
///
/// A multiply-fold: fast, spread well enough for open addressing, not cryptographic. The key is
/// drawn once per data directory so that nobody can prepare collisions; whoever must be exact
/// verifies a hit. Stable across processes, so that hashes may be stored.
package struct HashKey: Equatable, Sendable {
    package var a: UInt64
    package var b: UInt64

    package init(a: UInt64, b: UInt64) {
        self.a = a
        self.b = b
    }

    package init(using generator: inout some RandomNumberGenerator) {
        self.init(a: generator.next(), b: generator.next())
    }

    @inlinable package func hash(_ bytes: UnsafeRawPointer, _ count: Int, seed: UInt64 = 0)
        -> UInt64
    {
        var state = seed ^ a ^ (UInt64(truncatingIfNeeded: count) &* 0x9e37_79b9_7f4a_7c15)
        var i = 0
        while count &- i >= 16 {
            state = Self.fold(
                state ^ bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self),
                b ^ bytes.loadUnaligned(fromByteOffset: i &+ 8, as: UInt64.self))
            i &+= 16
        }
        var low: UInt64 = 0
        var high: UInt64 = 0
        let rest = count &- i
        if rest >= 8 {
            low = bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)
            // Overlaps the first load: every byte is covered without reading past the end.
            high = bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        } else if rest >= 4 {
            low = UInt64(bytes.loadUnaligned(fromByteOffset: i, as: UInt32.self))
            high = UInt64(bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
        } else if rest > 0 {
            low = UInt64(bytes.load(fromByteOffset: i, as: UInt8.self))
            high =
                UInt64(bytes.load(fromByteOffset: i &+ rest &>> 1, as: UInt8.self)) &<< 8
                | UInt64(bytes.load(fromByteOffset: count &- 1, as: UInt8.self))
        }
        return Self.fold(Self.fold(state ^ low, b ^ high) ^ a, 0xa076_1d64_78bd_642f ^ b)
    }

    @inlinable static func fold(_ x: UInt64, _ y: UInt64) -> UInt64 {
        let product = x.multipliedFullWidth(by: y)
        return product.high ^ product.low
    }
}
