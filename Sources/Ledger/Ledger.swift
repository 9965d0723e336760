package import Engagement
import GRDB
import GRDBSQLite

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
/// Not thread-safe: the roll-up's thread owns it. Past opening it works on GRDB's raw connection,
/// because rows are merged by the hundred thousand.
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
    package private(set) var statistics = Statistics()
    private let queue: DatabaseQueue
    private let connection: OpaquePointer
    private let settings: Settings
    private let writers: [TableWriter]
    private let identities: Identities
    private let purger: Purger
    private let traces: TraceStore
    private let begin: Statement
    private let commit: Statement
    private let rollback: Statement
    private let progress: Statement
    private let control: Statement
    private let release: Statement
    private let drop: Statement
    private let forgetDropped: Statement
    private let order: Statement
    private let refund: Statement

    /// Opens or makes the ledger at `path` and brings its schema up to date.
    /// - Parameter notice: told once when a write has to wait for another process.
    /// - Throws: `LedgerError`.
    package static func open(
        _ path: String, settings: Settings = Settings(),
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> Ledger {
        do {
            let queue = try Connection.open(path, settings: settings, notice: notice)
            try queue.writeWithoutTransaction { db in
                try Migrations.run(db, path: path, settings: settings)
            }
            return try Ledger(path, queue, settings)
        } catch let error as DatabaseError {
            throw Connection.translate(error, path: path)
        } catch let error as LedgerError where error.isDamage {
            throw LedgerError.malformed(path: path, detail: error.description)
        }
    }

    private init(_ path: String, _ queue: DatabaseQueue, _ settings: Settings) throws {
        self.path = path
        self.queue = queue
        self.settings = settings
        nonisolated(unsafe) var found: OpaquePointer?
        try queue.writeWithoutTransaction { db in
            found = db.sqliteConnection
        }
        guard let found else { throw LedgerError.malformed(path: path, detail: "closed") }
        connection = found
        writers = Delta.shapes.map { TableWriter($0, found) }
        identities = try Identities(found)
        traces = try TraceStore(found)
        purger = try Purger(found, identities, traces)
        begin = try Statement(found, "BEGIN IMMEDIATE")
        commit = try Statement(found, "COMMIT")
        rollback = try Statement(found, "ROLLBACK")
        progress = try Statement(
            found,
            """
            INSERT INTO rollup_progress (epoch, last_seq, last_received_ms, applied, duplicates, anonymised)
            VALUES (1, ?, ?, ?, ?, ?) ON CONFLICT (epoch) DO UPDATE SET
              last_seq = MAX(last_seq, excluded.last_seq),
              last_received_ms = MAX(last_received_ms, excluded.last_received_ms),
              applied = applied + excluded.applied, duplicates = duplicates + excluded.duplicates,
              anonymised = anonymised + excluded.anonymised
            """)
        control = try Statement(
            found,
            """
            INSERT INTO tracking_control (subject, state, seq) VALUES (?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET state = excluded.state, seq = excluded.seq
            """)
        release = try Statement(found, "DELETE FROM tracking_control WHERE subject = ?")
        drop = try Statement(found, "INSERT INTO \(InternalTable.dropped) (first, last) VALUES (?, ?)")
        forgetDropped = try Statement(found, "DELETE FROM \(InternalTable.dropped) WHERE last < ?")
        order = try Statement(found, "SELECT 1 FROM orders WHERE site = ? AND order_id = ?")
        refund = try Statement(found, "SELECT 1 FROM refunds WHERE site = ? AND refund_id = ?")
    }

    package func load() throws -> StoredState {
        try queue.writeWithoutTransaction { db in try StoredState(reading: db) }
    }

    package func apply(_ delta: Delta) throws {
        guard !delta.isEmpty else { return }
        try begin.run()
        do {
            try write(delta)
            try commit.run()
        } catch {
            // The transaction may be gone already (disk full): then there is nothing to undo.
            try? rollback.run()
            throw error
        }
        statistics.transactions += 1
    }

    private func write(_ delta: Delta) throws(LedgerError) {
        var counts = delta.progress
        for subject in delta.purges {
            counts.anonymised += try purger.purge(
                Array(delta.subjects.bytes(subject)), hash: delta.subjects.hash(subject))
        }
        statistics.purges += delta.purges.count
        let keys = KeyOrder(delta)
        for (writer, table) in zip(writers, delta.tables) {
            statistics.rows += try writer.write(table, delta, keys)
        }
        try identities.link(delta)
        try traces.write(delta)
        for entry in delta.controls { try write(entry, delta) }
        try writeDropped(delta)
        progress.bind(1, Int64(counts.lastSeq))
        progress.bind(2, counts.lastReceivedMilliseconds)
        progress.bind(3, counts.applied)
        progress.bind(4, counts.duplicates)
        progress.bind(5, counts.anonymised)
        try progress.run()
    }

    private func write(_ entry: Delta.Control, _ delta: Delta) throws(LedgerError) {
        let subject = delta.subjects.bytes(entry.subject)
        guard entry.state != .forgotten else {
            release.bind(1, text: subject)
            return try release.run()
        }
        control.bind(1, text: subject)
        control.bind(2, copying: entry.state == .on ? "on" : "off")
        control.bind(3, Int64(entry.seq))
        try control.run()
    }

    private func writeDropped(_ delta: Delta) throws(LedgerError) {
        guard let last = delta.dropped.last else { return }
        for range in delta.dropped {
            drop.bind(1, Int64(range.lowerBound))
            drop.bind(2, Int64(range.upperBound))
            try drop.run()
        }
        forgetDropped.bind(1, Int64(last.upperBound) - Int64(clamping: settings.dedupeWindow))
        try forgetDropped.run()
    }

    package func contains(
        _ kind: NaturalKind, site: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer
    ) throws -> Bool {
        let statement = kind == .order ? order : refund
        statement.bind(1, text: site)
        statement.bind(2, text: key)
        let found = try statement.step()
        statement.reset()
        return found
    }

    /// Moves what the write-ahead log holds into the main file, as far as readers let it.
    package func checkpoint() throws {
        var frames: Int32 = 0
        var moved: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(
            connection, nil, SQLITE_CHECKPOINT_TRUNCATE, &frames, &moved)
        // A reader that stays is no failure: the log is only not shortened.
        guard code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED else {
            throw LedgerError.sqlite(code: code, message: String(cString: sqlite3_errmsg(connection)))
        }
    }

    /// Writes a compact copy of the ledger as it is now.
    /// - Parameter path: must not exist.
    package func snapshot(to path: String) throws {
        let statement = try Statement(connection, "VACUUM INTO ?")
        statement.bind(1, copying: path)
        try statement.run()
    }

    /// Checkpoints and closes the file; the ledger must not be used any more.
    package func close() throws {
        try checkpoint()
        try queue.close()
    }
}
