import GRDBSQLite
import Ledger

/// A summary while it is made: the new file, and the ledger attached to read from.
///
/// SQLite's own interface, because only it opens an attached file read-only: the ledger has one
/// connection that writes and checkpoints, and this isn't it.
final class SummaryDatabase {
    private static let cacheKiB = 8 << 10
    /// Steps of SQLite's machine between two questions whether to give up: about a millisecond.
    private static let steps: Int32 = 50_000

    private final class Stop {
        let isStopping: () -> Bool
        init(_ isStopping: @escaping () -> Bool) { self.isStopping = isStopping }
    }

    private let connection: OpaquePointer
    private let stop: Stop

    init(_ path: String, ledger: String, _ isStopping: @escaping () -> Bool) throws {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(
            path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, nil)
        guard code == SQLITE_OK, let opened else {
            sqlite3_close(opened)
            throw LedgerError.sqlite(code: code, message: "can't open \(path)")
        }
        connection = opened
        stop = Stop(isStopping)
        sqlite3_busy_timeout(connection, 10_000)
        sqlite3_progress_handler(
            connection, Self.steps,
            { Unmanaged<Stop>.fromOpaque($0!).takeUnretainedValue().isStopping() ? 1 : 0 },
            Unmanaged.passUnretained(stop).toOpaque())
        // Nothing is to be saved of a file that isn't whole.
        try run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        try run("PRAGMA cache_size = -\(Self.cacheKiB)")
        try run("ATTACH 'file:\(Self.escaped(ledger))?mode=ro' AS ledger; BEGIN")
    }

    deinit { sqlite3_close(connection) }

    func run(_ sql: String) throws {
        let code = sqlite3_exec(connection, sql, nil, nil, nil)
        guard code != SQLITE_INTERRUPT else { throw Summary.Stopped() }
        guard code == SQLITE_OK else {
            throw LedgerError.sqlite(
                code: sqlite3_extended_errcode(connection),
                message: String(cString: sqlite3_errmsg(connection)))
        }
    }

    /// Writes down of when it is, and commits.
    func finish() throws -> Summary.Facts {
        try run(
            """
            CREATE TABLE summary (as_of_ms INTEGER NOT NULL, last_seq INTEGER NOT NULL) STRICT;
            INSERT INTO summary SELECT now_ms, (SELECT COALESCE(MAX(last_seq), 0) FROM rollup_progress) FROM clock;
            COMMIT
            """)
        return Summary.Facts(
            asOfMilliseconds: try integer("SELECT as_of_ms FROM summary"),
            lastSeq: UInt64(clamping: try integer("SELECT last_seq FROM summary")))
    }

    private func integer(_ sql: String) throws -> Int64 {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK,
            sqlite3_step(statement) == SQLITE_ROW
        else {
            throw LedgerError.sqlite(
                code: sqlite3_extended_errcode(connection),
                message: String(cString: sqlite3_errmsg(connection)))
        }
        return sqlite3_column_int64(statement, 0)
    }

    /// A path within a URI within a quoted text.
    private static func escaped(_ path: String) -> String {
        var out = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "'"),
                0x80...:
                out += "%" + String(byte, radix: 16)
            default: out.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return out
    }
}
