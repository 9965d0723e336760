/// One table of the summary and the statements that fill it from the ledger.
package struct SummaryTable: Sendable {
    package let name: String
    /// Of the analysts' questions (docs/questions.md) the one whose answer it is; nil: a step on the
    /// way, or people for questions of one's own. The rows lie in the answer's order.
    package let question: Int?
    /// The question asks for so many rows; the table has them all.
    package let limit: Int?
    let sql: String

    /// An answer.
    init(_ name: String, answers question: Int, limit: Int? = nil, _ select: String) {
        self.name = name
        self.question = question
        self.limit = limit
        sql = "CREATE TABLE \(name) AS\n" + select
    }

    /// Statements of any kind.
    init(_ name: String, _ sql: String) {
        self.name = name
        question = nil
        limit = nil
        self.sql = sql
    }

    /// What a reader asks for the answer.
    package var select: String {
        "SELECT * FROM \(name) ORDER BY rowid" + (limit.map { " LIMIT \($0)" } ?? "")
    }

    /// In the order in which they are made: later ones read earlier ones.
    package static let all =
        people + [stages, balance, firstOrders, engagements, unrelatedEmails]
        + newsletters + promotions + buying + dialogue + households
}
