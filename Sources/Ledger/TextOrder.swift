import Engagement

/// Texts in the order of their bytes, which is the order of SQLite's B-trees.
enum TextOrder {
    /// A text's first 16 bytes as two big-endian numbers.
    private struct Prefixed {
        var high: UInt64
        var low: UInt64
        var id: Int32
    }

    /// Writes to `ranks` at each id its place among `ids`.
    static func rank(_ ids: inout [Int32], _ texts: Interner, into ranks: inout [Int32]) {
        var sorted = ids.map { id in
            let bytes = texts.bytes(id)
            return Prefixed(high: word(bytes, 0), low: word(bytes, 8), id: id)
        }
        sorted.sort { x, y in
            if x.high != y.high { return x.high < y.high }
            if x.low != y.low { return x.low < y.low }
            return precedes(texts.bytes(x.id), texts.bytes(y.id))
        }
        for (rank, entry) in sorted.enumerated() { ranks[Int(entry.id)] = Int32(rank) }
    }

    /// Bytes `from..<from + 8` as a big-endian number; beyond the end they count as 0.
    private static func word(_ bytes: UnsafeRawBufferPointer, _ from: Int) -> UInt64 {
        if bytes.count >= from + 8 {
            return UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: from, as: UInt64.self))
        }
        var out: UInt64 = 0
        for i in from..<from + 8 { out = out << 8 | UInt64(i < bytes.count ? bytes[i] : 0) }
        return out
    }

    private static func precedes(_ x: UnsafeRawBufferPointer, _ y: UnsafeRawBufferPointer) -> Bool {
        let common = min(x.count, y.count)
        var i = 0
        while i < common {
            if x[i] != y[i] { return x[i] < y[i] }
            i &+= 1
        }
        return x.count < y.count
    }
}
