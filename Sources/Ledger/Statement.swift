import GRDBSQLite

/// A prepared statement, kept for the connection's life. Bound texts are not copied: they must
/// stay where they are until the statement was stepped.
final class Statement {
    private let handle: OpaquePointer

    init(_ connection: OpaquePointer, _ sql: String) throws(LedgerError) {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(
            connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else {
            throw LedgerError.sqlite(
                code: code, message: String(cString: sqlite3_errmsg(connection)))
        }
        self.handle = handle
    }

    deinit { sqlite3_finalize(handle) }

    func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }

    func bindNull(_ index: Int32) { sqlite3_bind_null(handle, index) }

    func bind(_ index: Int32, text: UnsafeRawBufferPointer) {
        sqlite3_bind_text(
            handle, index, text.baseAddress?.assumingMemoryBound(to: CChar.self),
            Int32(text.count), nil)
    }

    /// Copies the numbers, as they lie in memory.
    func bind(_ index: Int32, blob: [UInt64]) {
        blob.withUnsafeBytes { bytes in
            _ = sqlite3_bind_blob(
                handle, index, bytes.baseAddress, Int32(bytes.count), Self.transient)
        }
    }

    /// Copies the text.
    func bind(_ index: Int32, _ text: [UInt8]) {
        text.withUnsafeBytes { bytes in
            _ = sqlite3_bind_text(
                handle, index, bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(bytes.count), Self.transient)
        }
    }

    private static var transient: sqlite3_destructor_type {
        unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }

    /// Copies the text.
    func bind(_ index: Int32, copying text: String) {
        sqlite3_bind_text(handle, index, text, -1, Self.transient)
    }

    /// One step: true while there are rows.
    func step() throws(LedgerError) -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
        sqlite3_reset(handle)
        throw LedgerError.sqlite(code: code, message: message)
    }

    /// Runs a statement that returns no rows, and makes it ready again.
    func run() throws(LedgerError) {
        while try step() {}
        sqlite3_reset(handle)
    }

    func reset() { sqlite3_reset(handle) }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    /// The bytes of a text or blob column, valid until the next step.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(handle, column)
        return .init(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }
}
