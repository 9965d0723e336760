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
    private let patience: Patience
    private let onDamage: @Sendable (LedgerError) -> Void
    /// nil: closed.
    private var writer: LedgerWriter?
    /// One call at a time: the connection itself has no lock.
    private let turn = Mutex(())

    /// Opens or makes the ledger at `path` and brings its schema up to date.
    /// - Parameters:
    ///   - notice: told once when a write has to wait for another process.
    ///   - onDamage: told when a page is found damaged later, on the thread that found it.
    /// - Throws: `LedgerError`.
    package static func open(
        _ path: String, settings: Settings = Settings(),
        notice: @escaping @Sendable (String) -> Void = { _ in },
        onDamage: @escaping @Sendable (LedgerError) -> Void = { _ in }
    ) throws -> Ledger {
        do {
            let patience = Patience()
            let queue = try Connection.open(
                path, settings: settings, patience: patience, notice: notice)
            try Migrations.run(queue, path: path, settings: settings)
            return try Ledger(path, queue, settings, patience, onDamage)
        } catch let error as DatabaseError {
            throw Connection.translate(error, path: path)
        } catch let error as LedgerError where error.isDamage {
            throw LedgerError.malformed(path: path, detail: error.description)
        }
    }

    private init(
        _ path: String, _ queue: DatabaseQueue, _ settings: Settings, _ patience: Patience,
        _ onDamage: @escaping @Sendable (LedgerError) -> Void
    ) throws(LedgerError) {
        self.path = path
        self.onDamage = onDamage
        self.queue = queue
        self.settings = settings
        self.patience = patience
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

    package func load() throws -> StoredState { try asking { try StoredState(reading: $0) } }

    /// Questions and small changes of its own on the writing connection, one call at a time.
    func asking<Value: Sendable>(_ body: (Database) throws -> Value) throws -> Value {
        try withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            return try turn.withLock { _ in
                _ = try opened()
                return try queue.writeWithoutTransaction { db in try body(db) }
            }
        }
    }

    package func apply(_ delta: Delta) throws -> Progress {
        guard !delta.isEmpty else { return Progress() }
        return try sound { try turn.withLock { _ in try opened().apply(delta) } }
    }

    package func contains(
        _ kind: NaturalKind, site: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer
    ) throws -> Bool {
        try sound { try turn.withLock { _ in try opened().contains(kind, site: site, key: key) } }
    }

    /// Tells the owner at once when a page turns out to be damaged: nothing that is written from then
    /// on can be trusted.
    private func sound<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as LedgerError where error.isDamage {
            onDamage(error)
            throw error
        }
    }

    private func opened() throws(LedgerError) -> LedgerWriter {
        if let writer { return writer }
        throw LedgerError.sqlite(code: SQLITE_MISUSE, message: "the ledger is closed")
    }

    /// Moves what the write-ahead log holds into the main file, as far as readers let it, without
    /// waiting for them.
    package func checkpoint() throws { _ = try checkpointed() }

    /// Checkpoints, and gives the last seq whose counters no power cut can undo any more; nil where
    /// a reader kept some of the log from being moved.
    package func checkpointed() throws -> UInt64? {
        try turn.withLock { _ in
            _ = try opened()
            let seq = try queue.writeWithoutTransaction { try Self.lastSeq($0) }
            return try moveLog(SQLITE_CHECKPOINT_PASSIVE) ? seq : nil
        }
    }

    private func moveLog(_ mode: Int32) throws(LedgerError) -> Bool {
        var frames: Int32 = 0
        var moved: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(connection, nil, mode, &frames, &moved)
        // A reader that stays is no failure: the log is only not shortened.
        guard code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED else {
            throw LedgerError.sqlite(
                code: code, message: String(cString: sqlite3_errmsg(connection)))
        }
        return code == SQLITE_OK && frames == moved
    }

    /// Moves the whole write-ahead log into the main file and empties it, so that nothing which was
    /// deleted is left there.
    /// - Returns: false: a reader kept it from being emptied; try again later.
    package func emptyLog() throws -> Bool {
        try turn.withLock { _ in
            _ = try opened()
            // The roll-up waits for us.
            patience.isShort.store(true, ordering: .relaxed)
            defer { patience.isShort.store(false, ordering: .relaxed) }
            return try moveLog(SQLITE_CHECKPOINT_TRUNCATE)
        }
    }

    /// Checkpoints and closes the file; the ledger must not be used any more.
    package func close() throws {
        try turn.withLock { _ in
            guard writer != nil else { return }
            _ = try moveLog(SQLITE_CHECKPOINT_PASSIVE)
            // An analyst who keeps a read open must not keep the daemon from ending.
            sqlite3_busy_timeout(connection, 0)
            _ = try moveLog(SQLITE_CHECKPOINT_TRUNCATE)
            writer = nil
            try queue.close()
        }
    }
}
