import GRDB

/// Copies of a ledger: snapshots and backups. Both are made and judged beside the writer, through
/// read-only connections that never checkpoint.
extension Ledger {
    /// Writes a compact copy of a ledger as it is at this moment, while its writer goes on. The copy
    /// isn't synced.
    ///
    /// - Parameter copy: must not exist.
    /// - Returns: the last seq that the copy counts.
    /// - Throws: `LedgerError`.
    package static func copy(_ path: String, to copy: String) throws -> UInt64 {
        try reading(path) { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [copy])
        }
        return try reading(copy) { try lastSeq($0) }
    }

    /// Reads a ledger's every page.
    ///
    /// - Returns: the last seq that it counts.
    /// - Throws: `LedgerError`; `isDamage` where a page doesn't hold or it is no ledger.
    package static func check(_ path: String) throws -> UInt64 {
        try reading(path) { db in
            let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? ""
            guard verdict == "ok", try db.tableExists("rollup_progress") else {
                throw LedgerError.malformed(path: path, detail: verdict)
            }
            return try lastSeq(db)
        }
    }

    /// The last seq that a ledger counts.
    /// - Throws: `LedgerError`.
    package static func lastSeq(of path: String) throws -> UInt64 {
        try reading(path) { try lastSeq($0) }
    }

    static func lastSeq(_ db: Database) throws -> UInt64 {
        let seq = try Int64.fetchOne(db, sql: "SELECT MAX(last_seq) FROM rollup_progress")
        return UInt64(clamping: seq ?? 0)
    }

    private static func reading<Value>(
        _ path: String, _ body: (Database) throws -> Value
    ) throws -> Value {
        var configuration = Configuration()
        configuration.label = "ledger copy"
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            // VACUUM can't stand within a transaction.
            return try queue.unsafeRead(body)
        } catch let error as DatabaseError {
            throw Connection.translate(error, path: path)
        }
    }
}
