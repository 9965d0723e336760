import Engagement

/// Which columns of a table a row makes use of, as a bit each.
struct ColumnUsage {
    let kinds: [ColumnKind]
    /// Where to look for each column: a register is in use when its stamp is.
    private let sources: [Int]
    private let blanks: [Int64]

    init(_ shape: TableShape) {
        kinds = shape.values.map(\.kind)
        let names = shape.values.map(\.name)
        sources = shape.values.indices.map { i in
            switch shape.values[i].merge {
            case .first(let ms, _), .last(let ms, _): names.firstIndex(of: ms) ?? i
            case .sum, .min, .max, .insert: i
            }
        }
        let all = shape.values.map { $0.merge == .sum ? 0 : Delta.null }
        blanks = sources.map { all[$0] }
    }

    func mask(_ values: UnsafePointer<Int64>) -> UInt64 {
        var mask: UInt64 = 0
        for i in sources.indices where values[sources[i]] != blanks[i] { mask |= 1 << UInt64(i) }
        return mask
    }

    /// The columns that at least `rareBelow` of the rows use.
    func common(_ masks: [UInt64], rareBelow: Int) -> UInt64 {
        var counts = [Int](repeating: 0, count: kinds.count)
        for mask in masks {
            var rest = mask
            while rest != 0 {
                counts[rest.trailingZeroBitCount] += 1
                rest &= rest - 1
            }
        }
        var common: UInt64 = 0
        for i in counts.indices where counts[i] > rareBelow { common |= 1 << UInt64(i) }
        return common
    }
}
