import GRDB
import GRDBSQLite

/// What is still owed to people who withdrew or asked to be forgotten.
extension Ledger {
    /// An erasure that isn't finished.
    package struct Erasure: Hashable, Sendable {
        /// `c/<customer>` or `v/<site>/<visitor>` whose lines must be reduced in the segments, up to
        /// and including `seq`; then `#` and what the caller chose, while copies are still to go.
        package var subject: String
        package var seq: UInt64
        /// Only the line `seq`: a `forget` that was sent twice.
        package var isAlone: Bool

        package init(subject: String, seq: UInt64, isAlone: Bool = false) {
            self.subject = subject
            self.seq = seq
            self.isAlone = isAlone
        }

        /// Only copies elsewhere are left; nobody is named any more.
        package var namesNobody: Bool { subject.hasPrefix("#") }
    }

    /// Answers to be written to the log for linked subjects, by cause.
    package func owedAnswers() throws -> [OwedAnswer] {
        try asking { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT subject, kind, cause, place FROM \(InternalTable.owedAnswer)
                    ORDER BY cause, place
                    """
            ).compactMap { row in
                OwedAnswer.Kind(rawValue: row["kind"]).map {
                    OwedAnswer(
                        subject: row["subject"], kind: $0,
                        cause: UInt64(row["cause"] as Int64), place: row["place"])
                }
            }
        }
    }

    /// Those that aren't finished, by seq.
    package func erasures() throws -> [Erasure] {
        try asking { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT subject, seq, alone FROM \(InternalTable.erasure) ORDER BY seq, subject"
            ).map {
                Erasure(
                    subject: $0["subject"], seq: UInt64($0["seq"] as Int64), isAlone: $0["alone"])
            }
        }
    }

    /// The segments have followed: a token takes the name's place.
    package func erased(_ done: [(erasure: Erasure, token: String)]) throws {
        try asking { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            do {
                for (erasure, token) in done {
                    try Self.remove(erasure, db)
                    try db.execute(
                        sql: "INSERT OR IGNORE INTO \(InternalTable.erasure) VALUES (?, ?, 0)",
                        arguments: ["#" + token, Int64(erasure.seq)])
                }
                try db.execute(sql: "COMMIT")
            } catch {
                try? db.execute(sql: "ROLLBACK")
                throw error
            }
        }
    }

    /// Nothing of them is left anywhere.
    package func finished(_ done: [Erasure]) throws {
        try asking { db in for erasure in done { try Self.remove(erasure, db) } }
    }

    private static func remove(_ erasure: Erasure, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM \(InternalTable.erasure) WHERE subject = ? AND seq = ? AND alone = ?",
            arguments: [erasure.subject, Int64(erasure.seq), erasure.isAlone])
    }
}
