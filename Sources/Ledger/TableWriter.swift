import Engagement

/// Merges a delta's rows of one table into SQLite: many rows per statement, a one-row twin for the
/// rest, both prepared once.
///
/// What a row costs is mostly what its columns cost to merge, and an index on a merged column is
/// written anew. So where a flush has many rows, those that use only columns which are in common
/// use go through a statement that names only these.
final class TableWriter {
    /// Rows per statement: 64 gained nothing over 16 where it was measured.
    static let rowsPerStatement = 32
    /// With fewer rows than this the choice isn't worth a statement.
    static let manyRows = 256
    /// A column used by fewer rows than one in this many isn't in common use.
    static let rareShare = 16

    /// The statements for one choice of columns.
    private final class Plan {
        let columns: [Int]
        var many: Statement?
        var one: Statement?
        init(_ columns: [Int]) { self.columns = columns }
    }

    let shape: TableShape
    private let connection: OpaquePointer
    private let full: Plan
    private var plans: [UInt64: Plan] = [:]
    private let keyKinds: [ColumnKind]
    private let usage: ColumnUsage

    init(_ shape: TableShape, _ connection: OpaquePointer) {
        self.shape = shape
        self.connection = connection
        full = Plan(Array(shape.values.indices))
        keyKinds = shape.keys.map(\.kind)
        usage = ColumnUsage(shape)
    }

    /// - Returns: rows written.
    func write(_ table: DeltaTable, _ delta: Delta, _ order: KeyOrder) throws(LedgerError) -> Int {
        guard table.rows.count > 0 else { return 0 }
        let rows = order.rows(table)
        guard rows.count >= Self.manyRows, !shape.isAppendOnly else {
            try write(rows, full, table.rows, delta)
            return rows.count
        }
        let used = rows.map { usage.mask(table.rows.values(Int($0))) }
        let common = usage.common(used, rareBelow: rows.count / Self.rareShare)
        let plan = plan(common)
        var light: [Int32] = []
        var rest: [Int32] = []
        light.reserveCapacity(rows.count)
        for i in rows.indices {
            if used[i] & ~common == 0 { light.append(rows[i]) } else { rest.append(rows[i]) }
        }
        try write(light, plan, table.rows, delta)
        try write(rest, full, table.rows, delta)
        return rows.count
    }

    private func plan(_ common: UInt64) -> Plan {
        if let plan = plans[common] { return plan }
        // Few choices occur; a table whose use keeps changing must not gather statements.
        if plans.count == 8 { plans.removeAll() }
        let plan = Plan(shape.values.indices.filter { common & 1 << UInt64($0) != 0 })
        plans[common] = plan
        return plan
    }

    private func write(_ rows: [Int32], _ plan: Plan, _ table: TableRows, _ delta: Delta)
        throws(LedgerError)
    {
        let binder = RowBinder(delta)
        let batch = Self.rowsPerStatement
        var next = 0
        while next < rows.count {
            let isMany = rows.count - next >= batch
            let end = isMany ? next + batch : next + 1
            let statement =
                isMany
                ? try statement(plan, rows: batch, &plan.many)
                : try statement(plan, rows: 1, &plan.one)
            var parameter: Int32 = 1
            for i in next..<end {
                bind(table, Int(rows[i]), plan.columns, binder, statement, &parameter)
            }
            try statement.run()
            next = end
        }
    }

    private func statement(_ plan: Plan, rows: Int, _ prepared: inout Statement?)
        throws(LedgerError) -> Statement
    {
        if let prepared { return prepared }
        let sql = UpsertSQL(shape: shape, columns: plan.columns)
        let new = try Statement(connection, sql.text(rows: rows))
        prepared = new
        return new
    }

    @inline(__always)
    private func bind(
        _ table: TableRows, _ row: Int, _ columns: [Int], _ binder: RowBinder,
        _ statement: Statement, _ parameter: inout Int32
    ) {
        for part in keyKinds.indices {
            binder.bind(table.key(row, part), keyKinds[part], statement, parameter)
            parameter &+= 1
        }
        let values = table.values(row)
        for i in columns {
            binder.bind(values[i], usage.kinds[i], statement, parameter)
            parameter &+= 1
        }
    }
}
