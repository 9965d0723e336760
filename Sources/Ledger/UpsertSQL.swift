import Engagement

/// The statement that merges rows of a table: made from its shape, so that the rule of each column
/// stands in one place.
struct UpsertSQL {
    let shape: TableShape
    /// The value columns it names; the others take their defaults or stay as they are.
    let columns: [Int]

    /// `rows` rows of parameters, keys before values.
    func text(rows: Int) -> String {
        let names = shape.keys.map(\.name) + columns.map { shape.values[$0].name }
        let row = "(" + names.map { _ in "?" }.joined(separator: ",") + ")"
        let insert =
            "INSERT INTO \(shape.name) (\(names.joined(separator: ","))) VALUES "
            + Array(repeating: row, count: rows).joined(separator: ",")
        if shape.isAppendOnly { return insert }
        let keys = shape.keys.map(\.name).joined(separator: ",")
        let merges = columns.map { merge(shape.values[$0]) }.joined(separator: ", ")
        if columns.isEmpty { return insert + " ON CONFLICT (\(keys)) DO NOTHING" }
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
