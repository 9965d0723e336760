package import Ledger

/// Who a customer is to the ledger: the subjects under which she is known.
package struct Person: Equatable, Sendable {
    /// As views name her: `c/<customer>`, or `v/<site>/<visitor>` of somebody who never said who.
    package var name: String
    /// Every `c/…` and `v/…` that is her, sorted, her name among them.
    package var subjects: [String]

    package init(name: String, subjects: [String]) {
        self.name = name
        self.subjects = subjects
    }

    package enum NotFound: Error, Equatable, CustomStringConvertible {
        case unknown(String)
        /// Several persons gave this address.
        case ambiguous(String, [String])

        package var description: String {
            switch self {
            case .unknown(let id):
                "nobody is known as \(id): give a customer id, an e-mail address, or v/SITE/VISITOR"
            case .ambiguous(let id, let names):
                "\(id) was given by \(names.count) persons: \(names.joined(separator: ", "))"
            }
        }
    }

    /// Finds somebody by customer id, by subject (`c/…`, `v/…`), or by an e-mail address that she
    /// gave.
    ///
    /// Who withdrew permission to be tracked has no rows, but is known to have done so; her lines of
    /// before may stand in the log.
    /// - Throws: `NotFound`, `LedgerError`.
    package static func find(_ id: String, in ledger: LedgerReader) throws -> Person {
        for subject in id.hasPrefix("v/") || id.hasPrefix("c/") ? [id, "c/" + id] : ["c/" + id] {
            if let person = try named(subject, in: ledger) { return person }
        }
        let names = try texts(
            """
            SELECT DISTINCT i.person FROM profile_history p JOIN identity i ON i.subject = p.subject
            WHERE p.field = 'email' AND p.value = ? ORDER BY 1
            """, [id], in: ledger)
        guard names.count < 2 else { throw NotFound.ambiguous(id, names) }
        guard let name = names.first, let person = try named(name, in: ledger) else {
            throw NotFound.unknown(id)
        }
        return person
    }

    private static func named(_ subject: String, in ledger: LedgerReader) throws -> Person? {
        let name = try texts("SELECT person FROM identity WHERE subject = ?", [subject], in: ledger)
        if let name = name.first {
            return Person(
                name: name,
                subjects: try texts(
                    "SELECT subject FROM identity WHERE person = ? ORDER BY 1", [name], in: ledger))
        }
        let control = try texts(
            "SELECT subject FROM tracking_control WHERE subject = ?", [subject], in: ledger)
        return control.isEmpty ? nil : Person(name: subject, subjects: [subject])
    }

    private static func texts(
        _ sql: String, _ arguments: [String], in ledger: LedgerReader
    ) throws -> [String] {
        try ledger.rows(sql: sql, arguments: arguments.map { .text($0) }).rows.compactMap {
            if case .text(let text) = $0[0] { text } else { nil }
        }
    }
}
