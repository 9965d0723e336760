import Engagement
import GRDB

extension StoredState {
    /// Reads what the roll-up starts from.
    init(reading db: Database) throws {
        var progress = Progress()
        let rows = try Row.fetchAll(
            db,
            sql:
                "SELECT last_seq, last_received_ms, applied, duplicates, anonymised FROM rollup_progress"
        )
        if let row = rows.first {
            progress.lastSeq = UInt64(row["last_seq"] as Int64)
            progress.lastReceivedMilliseconds = row["last_received_ms"]
            progress.applied = row["applied"]
            progress.duplicates = row["duplicates"]
            progress.anonymised = row["anonymised"]
        }
        let key =
            try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'hash_key'") ?? ""
        let halves = key.split(separator: "-").compactMap { UInt64($0, radix: 16) }
        guard halves.count == 2 else {
            throw LedgerError.malformed(path: "", detail: "meta has no hash_key")
        }
        let withdrawn = try String.fetchAll(
            db, sql: "SELECT subject FROM tracking_control WHERE state = 'off'"
        ).map { Array($0.utf8) }
        let dropped = try Row.fetchAll(
            db, sql: "SELECT first, last FROM \(InternalTable.dropped) ORDER BY first"
        ).map { row in UInt64(row[0] as Int64)...UInt64(row[1] as Int64) }
        self.init(
            progress: progress, hashKey: HashKey(a: halves[0], b: halves[1]),
            withdrawn: withdrawn, dropped: dropped)
    }
}
