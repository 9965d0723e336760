import GRDB
import GRDBSQLite

/// What is still owed to people who withdrew or asked to be forgotten.
extension Ledger {
    /// A subject whose lines must be reduced in the segments, up to and including `seq`.
    package struct Erasure: Equatable, Sendable {
        /// `c/<customer>` or `v/<site>/<visitor>`.
        package var subject: String
        package var seq: UInt64

        package init(subject: String, seq: UInt64) {
            self.subject = subject
            self.seq = seq
        }
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

    /// Erasures that the segments haven't followed yet, by seq.
    package func erasures() throws -> [Erasure] {
        try asking { db in
            try Row.fetchAll(
                db, sql: "SELECT subject, seq FROM \(InternalTable.erasure) ORDER BY seq, subject"
            ).map { Erasure(subject: $0["subject"], seq: UInt64($0["seq"] as Int64)) }
        }
    }

    /// The segments have followed: the names go. One that was forgotten again meanwhile stays.
    package func erased(_ done: [Erasure]) throws {
        try asking { db in
            for erasure in done {
                try db.execute(
                    sql: "DELETE FROM \(InternalTable.erasure) WHERE subject = ? AND seq <= ?",
                    arguments: [erasure.subject, Int64(erasure.seq)])
            }
        }
    }
}
