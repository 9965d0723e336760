// Wide loads and the bit tricks on them. All unaligned access of this room stands here.
//
// SWAR ("SIMD within a register"): eight bytes at a time in a UInt64. Swift's SIMD types gain
// nothing over it for this work, and need no fewer lines.

@usableFromInline let ones: UInt64 = 0x0101_0101_0101_0101
@usableFromInline let highs: UInt64 = 0x8080_8080_8080_8080

/// Eight bytes, little-endian; the caller makes sure that they are there.
@inline(__always)
func load8(_ base: UnsafePointer<UInt8>, _ at: Int) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self))
}

/// Up to eight bytes, zero-padded.
@inline(__always)
func loadPartial(_ base: UnsafePointer<UInt8>, _ at: Int, _ count: Int) -> UInt64 {
    var word: UInt64 = 0
    var i = count
    while i > 0 {
        i &-= 1
        word = word &<< 8 | UInt64(base[at &+ i])
    }
    return word
}

/// High bit set in each byte that is `"`, `\` or a control character. The lowest hit is exact,
/// higher ones may be false (a borrow may cross bytes).
@inline(__always)
func stringStops(_ word: UInt64) -> UInt64 {
    let quote = word ^ (ones &* 0x22)
    let slash = word ^ (ones &* 0x5c)
    let a = (quote &- ones) & ~quote
    let b = (slash &- ones) & ~slash
    let c = (word &- ones &* 0x20) & ~word
    return (a | b | c) & highs
}
