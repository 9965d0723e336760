import Engagement

/// The prepared statements of the writing connection, and how a delta goes through them.
final class LedgerWriter {
    private(set) var statistics = Ledger.Statistics()
    private let dedupeWindow: UInt64
    private let writers: [TableWriter]
    private let identities: Identities
    private let purger: Purger
    private let traces: TraceStore
    private let answers: LinkedAnswers
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

    init(_ connection: OpaquePointer, dedupeWindow: UInt64) throws(LedgerError) {
        self.dedupeWindow = dedupeWindow
        writers = Delta.shapes.map { TableWriter($0, connection) }
        identities = try Identities(connection)
        traces = try TraceStore(connection)
        purger = try Purger(connection, identities, traces)
        answers = try LinkedAnswers(connection)
        begin = try Statement(connection, "BEGIN IMMEDIATE")
        commit = try Statement(connection, "COMMIT")
        rollback = try Statement(connection, "ROLLBACK")
        progress = try Statement(
            connection,
            """
            INSERT INTO rollup_progress (epoch, last_seq, last_received_ms, applied, duplicates, anonymised)
            VALUES (1, ?, ?, ?, ?, ?) ON CONFLICT (epoch) DO UPDATE SET
              last_seq = MAX(last_seq, excluded.last_seq),
              last_received_ms = MAX(last_received_ms, excluded.last_received_ms),
              applied = applied + excluded.applied, duplicates = duplicates + excluded.duplicates,
              anonymised = anonymised + excluded.anonymised
            """)
        control = try Statement(
            connection,
            """
            INSERT INTO tracking_control (subject, state, seq) VALUES (?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET state = excluded.state, seq = excluded.seq
            """)
        release = try Statement(connection, "DELETE FROM tracking_control WHERE subject = ?")
        drop = try Statement(
            connection, "INSERT INTO \(InternalTable.dropped) (first, last) VALUES (?, ?)")
        forgetDropped = try Statement(
            connection, "DELETE FROM \(InternalTable.dropped) WHERE last < ?")
        order = try Statement(connection, "SELECT 1 FROM orders WHERE site = ? AND order_id = ?")
        refund = try Statement(connection, "SELECT 1 FROM refunds WHERE site = ? AND refund_id = ?")
    }

    func apply(_ delta: Delta) throws(LedgerError) -> Progress {
        try begin.run()
        do throws(LedgerError) {
            let added = try write(delta)
            try commit.run()
            statistics.transactions += 1
            return added
        } catch {
            // The transaction may be gone already (disk full): then there is nothing to undo.
            try? rollback.run()
            try? traces.reload()
            throw error
        }
    }

    private func write(_ delta: Delta) throws(LedgerError) -> Progress {
        var counts = delta.progress
        // Before the purges, which cut the links.
        try answers.note(delta)
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
        return counts
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
        forgetDropped.bind(1, Int64(last.upperBound) - Int64(clamping: dedupeWindow))
        try forgetDropped.run()
    }

    func contains(
        _ kind: NaturalKind, site: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer
    ) throws(LedgerError) -> Bool {
        let statement = kind == .order ? order : refund
        statement.bind(1, text: site)
        statement.bind(2, text: key)
        let found = try statement.step()
        statement.reset()
        return found
    }
}
