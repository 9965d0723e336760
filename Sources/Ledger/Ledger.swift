package import Engagement
import GRDB
import GRDBSQLite
import Synchronization

/// The counters in SQLite: a view of the segments that can be thrown away and rebuilt.
///
/// - Opening: a missing or empty file becomes a ledger of the newest schema; a damaged one throws
///   `LedgerError.malformed`.
/// - Writing: `apply(_:)`, one transaction per delta, progress included.
/// - WAL, synchronous NORMAL: after a power cut the newest flushes may be missing, never half
///   there; the roll-up folds them again from the log.
/// - This is the one connection that writes and checkpoints (SQLite before 3.51.3 may lose a
///   commit when two do); readers open the file with `LedgerReader`.
///
/// The roll-up's thread writes; other threads may call too and wait for each other. Past opening it
/// works on GRDB's raw connection, because rows are merged by the hundred thousand.
package final class Ledger: DeltaStore, @unchecked Sendable {
    package struct Settings: Sendable {
        /// Seqs within which a repeated (site, id) is a duplicate.
        package var dedupeWindow: UInt64 = 20_000_000
        /// SQLite's page cache, bytes.
        package var cacheBytes = 64 << 20
        /// Pages in the write-ahead log before a commit moves them into the main file.
        package var checkpointPages = 16_384
        /// How long a write waits for somebody else's lock before it fails, seconds.
        package var busySeconds = 600

        package init() {}
    }

    /// What was written since the ledger was opened.
    package struct Statistics: Sendable {
        package var transactions = 0
        package var rows = 0
        package var purges = 0
    }

    package let path: String
    package var statistics: Statistics {
        turn.withLock { _ in writer?.statistics ?? Statistics() }
    }
    private let queue: DatabaseQueue
    private let connection: OpaquePointer
    private let settings: Settings
    /// nil: closed.
    private var writer: LedgerWriter?
    /// One call at a time: the connection itself has no lock.
    private let turn = Mutex(())

    /// Opens or makes the ledger at `path` and brings its schema up to date.
    /// - Parameter notice: told once when a write has to wait for another process.
    /// - Throws: `LedgerError`.
    package static func open(
        _ path: String, settings: Settings = Settings(),
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> Ledger {
        do {
            let queue = try Connection.open(path, settings: settings, notice: notice)
            try Migrations.run(queue, path: path, settings: settings)
            return try Ledger(path, queue, settings)
        } catch let error as DatabaseError {
            throw Connection.translate(error, path: path)
        } catch let error as LedgerError where error.isDamage {
            throw LedgerError.malformed(path: path, detail: error.description)
        }
    }

    private init(_ path: String, _ queue: DatabaseQueue, _ settings: Settings) throws(LedgerError) {
        self.path = path
        self.queue = queue
        self.settings = settings
        nonisolated(unsafe) var found: OpaquePointer?
        queue.writeWithoutTransaction { db in
            found = db.sqliteConnection
            // GRDB's observers expect its own statements around every commit.
            sqlite3_commit_hook(db.sqliteConnection, nil, nil)
            sqlite3_rollback_hook(db.sqliteConnection, nil, nil)
        }
        guard let found else { throw LedgerError.malformed(path: path, detail: "closed") }
        connection = found
        writer = try LedgerWriter(found, dedupeWindow: settings.dedupeWindow)
    }

    package func load() throws -> StoredState {
        try turn.withLock { _ in
            try queue.writeWithoutTransaction { db in try StoredState(reading: db) }
        }
    }

    package func apply(_ delta: Delta) throws -> Progress {
        guard !delta.isEmpty else { return Progress() }
        return try turn.withLock { _ in try opened().apply(delta) }
    }

    package func contains(
        _ kind: NaturalKind, site: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer
    ) throws -> Bool {
        try turn.withLock { _ in try opened().contains(kind, site: site, key: key) }
    }

    private func opened() throws(LedgerError) -> LedgerWriter {
        if let writer { return writer }
        throw LedgerError.sqlite(code: SQLITE_MISUSE, message: "the ledger is closed")
    }

    /// Moves what the write-ahead log holds into the main file, as far as readers let it.
    package func checkpoint() throws { try turn.withLock { _ in try moveLog() } }

    private func moveLog() throws {
        var frames: Int32 = 0
        var moved: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(
            connection, nil, SQLITE_CHECKPOINT_TRUNCATE, &frames, &moved)
        // A reader that stays is no failure: the log is only not shortened.
        guard code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED else {
            throw LedgerError.sqlite(
                code: code, message: String(cString: sqlite3_errmsg(connection)))
        }
    }

    /// Writes a compact copy of the ledger as it is now.
    /// - Parameter path: must not exist.
    package func snapshot(to path: String) throws {
        try turn.withLock { _ in
            let statement = try Statement(connection, "VACUUM INTO ?")
            statement.bind(1, copying: path)
            try statement.run()
        }
    }

    /// Checkpoints and closes the file; the ledger must not be used any more.
    package func close() throws {
        try turn.withLock { _ in
            guard writer != nil else { return }
            try moveLog()
            writer = nil
            try queue.close()
        }
    }
}
