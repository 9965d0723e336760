import Engagement

/// Merges a delta's rows of one table into SQLite: many rows per statement, a one-row twin for the
/// rest, both prepared once.
final class TableWriter {
    /// Rows per statement: 64 gained nothing over 16 where it was measured.
    static let rowsPerStatement = 32

    let shape: TableShape
    private let connection: OpaquePointer
    private var many: Statement?
    private var one: Statement?

    init(_ shape: TableShape, _ connection: OpaquePointer) {
        self.shape = shape
        self.connection = connection
    }

    /// - Returns: rows written.
    func write(_ table: DeltaTable, _ delta: Delta, _ order: KeyOrder) throws(LedgerError) -> Int {
        guard table.rows.count > 0 else { return 0 }
        let rows = order.rows(table)
        let batch = Self.rowsPerStatement
        var next = 0
        while rows.count - next >= batch {
            let many = try statement(rows: batch, &self.many)
            var parameter: Int32 = 1
            for i in next..<next + batch {
                bind(table.rows, Int(rows[i]), delta, many, &parameter)
            }
            try many.run()
            next += batch
        }
        while next < rows.count {
            let one = try statement(rows: 1, &self.one)
            var parameter: Int32 = 1
            bind(table.rows, Int(rows[next]), delta, one, &parameter)
            try one.run()
            next += 1
        }
        return rows.count
    }

    private func statement(rows: Int, _ prepared: inout Statement?) throws(LedgerError) -> Statement {
        if let prepared { return prepared }
        let new = try Statement(connection, UpsertSQL(shape).text(rows: rows))
        prepared = new
        return new
    }

    private func bind(
        _ table: TableRows, _ row: Int, _ delta: Delta, _ statement: Statement,
        _ parameter: inout Int32
    ) {
        for (part, column) in shape.keys.enumerated() {
            bind(table.key(row, part), column.kind, delta, statement, parameter)
            parameter &+= 1
        }
        let values = table.values(row)
        for i in shape.values.indices {
            bind(values[i], shape.values[i].kind, delta, statement, parameter)
            parameter &+= 1
        }
    }

    @inline(__always)
    private func bind(
        _ value: Int64, _ kind: ColumnKind, _ delta: Delta, _ statement: Statement,
        _ parameter: Int32
    ) {
        switch kind {
        case .author:
            let isHeld = value >= 0 && !delta.rooms.states.isDead(Int32(truncatingIfNeeded: value))
            if isHeld {
                statement.bind(
                    parameter, text: delta.subjects.bytes(Int32(truncatingIfNeeded: value)))
            } else {
                statement.bind(parameter, text: Self.nobody)
            }
        case _ where value == Delta.null: statement.bindNull(parameter)
        case .integer: statement.bind(parameter, value)
        case .text:
            statement.bind(parameter, text: delta.words.bytes(Int32(truncatingIfNeeded: value)))
        case .subject:
            statement.bind(parameter, text: delta.subjects.bytes(Int32(truncatingIfNeeded: value)))
        }
    }

    /// An empty text: it needs an address, or SQLite reads it as NULL.
    private nonisolated(unsafe) static let nobody = UnsafeRawBufferPointer(
        start: UnsafeRawPointer(UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)),
        count: 0)
}
