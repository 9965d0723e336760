import Engagement

/// Which rows of a table name a subject that was purged within the delta: they aren't written.
struct DeadRows {
    private let rows: TableRows
    private let states: SubjectStates
    /// Parts of the key, and the value, that hold a subject. None where nobody was purged.
    private let keys: [Int]
    private let value: Int?

    init(_ table: DeltaTable, _ delta: Delta) {
        rows = table.rows
        states = delta.rooms.states
        let shape = table.shape
        let isNeeded = !delta.purges.isEmpty
        keys = isNeeded ? shape.keys.indices.filter { shape.keys[$0].kind == .subject } : []
        value = isNeeded ? shape.values.firstIndex { $0.kind == .subject } : nil
    }

    func contains(_ row: Int) -> Bool {
        for part in keys where isDead(rows.key(row, part)) { return true }
        return value.map { isDead(rows.values(row)[$0]) } ?? false
    }

    private func isDead(_ subject: Int64) -> Bool {
        states.isDead(Int32(truncatingIfNeeded: subject))
    }
}
