import Engagement

/// The order of a flush's texts by their bytes, so that rows are written in the order in which the
/// B-tree holds them: neighbours share pages, and a row costs half.
struct KeyOrder {
    private var wordRanks: [Int32]
    private var subjectRanks: [Int32]
    private let delta: Delta

    init(_ delta: Delta) {
        self.delta = delta
        wordRanks = Array(repeating: -1, count: delta.words.count)
        subjectRanks = Array(repeating: -1, count: delta.subjects.count)
        var words: [Int32] = []
        var subjects: [Int32] = []
        for table in delta.tables where table.rows.count > 0 {
            for (part, column) in table.shape.keys.enumerated() {
                switch column.kind {
                case .integer: break
                case .text:
                    for i in 0..<table.rows.count {
                        let id = Int(table.rows.key(i, part))
                        if wordRanks[id] < 0 {
                            wordRanks[id] = 0
                            words.append(Int32(id))
                        }
                    }
                case .subject, .author:
                    for i in 0..<table.rows.count {
                        let id = Int(table.rows.key(i, part))
                        if id >= 0, subjectRanks[id] < 0 {
                            subjectRanks[id] = 0
                            subjects.append(Int32(id))
                        }
                    }
                }
            }
        }
        Self.rank(&words, delta.words, into: &wordRanks)
        Self.rank(&subjects, delta.subjects, into: &subjectRanks)
    }

    /// Row numbers of a table in key order; rows of dead subjects are left out.
    func rows(_ table: DeltaTable) -> [Int32] {
        struct Keyed {
            var high: UInt64
            var low: UInt64
            var index: Int32
        }
        let keys = table.shape.keys
        let deadValue = table.shape.values.firstIndex { $0.kind == .subject }
        var keyed: [Keyed] = []
        keyed.reserveCapacity(table.rows.count)
        rows: for i in 0..<table.rows.count {
            var parts: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
            for (p, column) in keys.enumerated() {
                let value = table.rows.key(i, p)
                let part: UInt64
                switch column.kind {
                case .integer:
                    // Only order within the flush matters: the low bits of a time suffice.
                    part = UInt64(UInt32(truncatingIfNeeded: value) ^ 0x8000_0000)
                case .text: part = UInt64(UInt32(bitPattern: wordRanks[Int(value)]))
                case .subject:
                    if delta.rooms.states.isDead(Int32(truncatingIfNeeded: value)) { continue rows }
                    part = UInt64(UInt32(bitPattern: subjectRanks[Int(value)]))
                case .author:
                    part = value < 0 ? 0 : UInt64(UInt32(bitPattern: subjectRanks[Int(value)])) + 1
                }
                switch p {
                case 0: parts.0 = part
                case 1: parts.1 = part
                case 2: parts.2 = part
                case 3: parts.3 = part
                default: break
                }
            }
            if let deadValue {
                let value = table.rows.values(i)[deadValue]
                if delta.rooms.states.isDead(Int32(truncatingIfNeeded: value)) { continue }
            }
            keyed.append(
                Keyed(
                    high: parts.0 << 32 | parts.1, low: parts.2 << 32 | parts.3, index: Int32(i)))
        }
        keyed.sort {
            $0.high != $1.high
                ? $0.high < $1.high : $0.low != $1.low ? $0.low < $1.low : $0.index < $1.index
        }
        return keyed.map(\.index)
    }

    private static func rank(_ ids: inout [Int32], _ texts: Interner, into ranks: inout [Int32]) {
        struct Prefixed {
            var prefix: UInt64
            var id: Int32
        }
        var sorted = ids.map { id in Prefixed(prefix: prefix(texts.bytes(id)), id: id) }
        sorted.sort { x, y in
            if x.prefix != y.prefix { return x.prefix < y.prefix }
            return precedes(texts.bytes(x.id), texts.bytes(y.id))
        }
        for (rank, entry) in sorted.enumerated() { ranks[Int(entry.id)] = Int32(rank) }
    }

    /// The first eight bytes as a big-endian number.
    private static func prefix(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var out: UInt64 = 0
        for i in 0..<8 { out = out << 8 | UInt64(i < bytes.count ? bytes[i] : 0) }
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
