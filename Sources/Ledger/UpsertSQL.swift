import Engagement

/// The statement that merges rows of a table: made from its shape, so that the rule of each column
/// stands in one place.
struct UpsertSQL {
    let shape: TableShape

    init(_ shape: TableShape) { self.shape = shape }

    /// `rows` rows of parameters, keys before values.
    func text(rows: Int) -> String {
        let columns = shape.keys.map(\.name) + shape.values.map(\.name)
        let row = "(" + columns.map { _ in "?" }.joined(separator: ",") + ")"
        let insert =
            "INSERT INTO \(shape.name) (\(columns.joined(separator: ","))) VALUES "
            + Array(repeating: row, count: rows).joined(separator: ",")
        if shape.isAppendOnly { return insert }
        let keys = shape.keys.map(\.name).joined(separator: ",")
        let merges = shape.values.map(merge).joined(separator: ", ")
        return insert + " ON CONFLICT (\(keys)) DO UPDATE SET \(merges)"
    }

    private func merge(_ value: TableShape.Value) -> String {
        let c = value.name
        switch value.merge {
        case .sum: return "\(c) = \(c) + excluded.\(c)"
        // A comparison with NULL is not true: then the one that is known stands.
        case .min:
            return "\(c) = CASE WHEN excluded.\(c) < \(c) THEN excluded.\(c)"
                + " ELSE COALESCE(\(c), excluded.\(c)) END"
        case .max:
            return "\(c) = CASE WHEN excluded.\(c) > \(c) THEN excluded.\(c)"
                + " ELSE COALESCE(\(c), excluded.\(c)) END"
        case .last(let ms, let seq): return register(c, ms, seq, ">")
        case .first(let ms, let seq): return register(c, ms, seq, "<")
        case .insert: return "\(c) = \(c)"
        }
    }

    private func register(_ c: String, _ ms: String, _ seq: String, _ wins: String) -> String {
        "\(c) = CASE WHEN excluded.\(ms) IS NOT NULL AND (\(ms) IS NULL"
            + " OR (excluded.\(ms), excluded.\(seq)) \(wins) (\(ms), \(seq)))"
            + " THEN excluded.\(c) ELSE \(c) END"
    }
}
