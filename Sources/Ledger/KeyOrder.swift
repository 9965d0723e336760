import Engagement

/// The order of a flush's texts by their bytes, so that rows are written in the order in which the
/// B-tree holds them: neighbours share pages, and a row costs half.
struct KeyOrder {
    private var wordRanks: [Int32]
    private var subjectRanks: [Int32]
    /// Subjects that rows are held for.
    private let subjectCount: Int
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
        subjectCount = subjects.count
        TextOrder.rank(&words, delta.words, into: &wordRanks)
        TextOrder.rank(&subjects, delta.subjects, into: &subjectRanks)
    }

    /// A row's key after its first part, and the row's number.
    private struct Keyed {
        var first: UInt32
        var second: UInt32
        var rest: UInt64
        var index: Int32

        @inline(__always)
        func precedes(_ other: Keyed) -> Bool {
            let (mine, its) = (high, other.high)
            if mine != its { return mine < its }
            return rest != other.rest ? rest < other.rest : index < other.index
        }

        @inline(__always)
        private var high: UInt64 { UInt64(first) << 32 | UInt64(second) }
    }

    /// Row numbers of a table in key order; rows of dead subjects are left out.
    func rows(_ table: DeltaTable) -> [Int32] {
        var keyed = keys(table)
        // Nearly every subject has a row or a few: they go to their places without a comparison.
        if table.shape.keys[0].kind == .subject, keyed.count > subjectCount / 4 {
            return placed(keyed)
        }
        keyed.sort { $0.precedes($1) }
        return keyed.map(\.index)
    }

    private func keys(_ table: DeltaTable) -> [Keyed] {
        let kinds = table.shape.keys.map(\.kind)
        let rows = table.rows
        let dead = DeadRows(table, delta)
        var keyed: [Keyed] = []
        keyed.reserveCapacity(rows.count)
        for i in 0..<rows.count where !dead.contains(i) {
            var key = Keyed(first: 0, second: 0, rest: 0, index: Int32(i))
            for p in 0..<min(4, kinds.count) {
                let part = rank(rows.key(i, p), kinds[p])
                switch p {
                case 0: key.first = part
                case 1: key.second = part
                case 2: key.rest |= UInt64(part) << 32
                default: key.rest |= UInt64(part)
                }
            }
            keyed.append(key)
        }
        return keyed
    }

    @inline(__always)
    private func rank(_ value: Int64, _ kind: ColumnKind) -> UInt32 {
        switch kind {
        // Only order within the flush matters: the low bits of a time suffice.
        case .integer: UInt32(truncatingIfNeeded: value) ^ 0x8000_0000
        case .text: UInt32(bitPattern: wordRanks[Int(value)])
        case .subject: UInt32(bitPattern: subjectRanks[Int(value)])
        case .author: value < 0 ? 0 : UInt32(bitPattern: subjectRanks[Int(value)]) + 1
        }
    }

    /// A counting sort by the first part, which is a subject's rank; then the few rows of each.
    private func placed(_ keyed: [Keyed]) -> [Int32] {
        // Where the rows of each rank go; then, where they end.
        var next = [Int](repeating: 0, count: subjectCount + 1)
        for key in keyed { next[Int(key.first) + 1] += 1 }
        for rank in 1...subjectCount { next[rank] += next[rank - 1] }
        var sorted = keyed
        for key in keyed {
            let rank = Int(key.first)
            sorted[next[rank]] = key
            next[rank] += 1
        }
        sorted.withUnsafeMutableBufferPointer { sorted in
            var begin = 0
            for end in next[..<subjectCount] {
                if end - begin > 1 {
                    var group = UnsafeMutableBufferPointer(rebasing: sorted[begin..<end])
                    group.sort { $0.precedes($1) }
                }
                begin = end
            }
        }
        return sorted.map(\.index)
    }
}
