import Engagement

/// Carries a person's withdrawal or erasure on to the other subjects that are the same person.
///
/// A line names one subject or two; what the ledger knows of her under others must follow. The fold
/// never asks for the identity of a moment, so each of them gets a line of its own in the log. Here
/// it is noted, in the transaction that executes the first line, which ones are owed; when such a
/// line is folded in its turn, the debt is settled. After a crash, or in a ledger that was rebuilt,
/// what is left is exactly what was never written to the log.
struct LinkedAnswers {
    private let links: PersonLinks
    private let owe: Statement
    private let settle: Statement
    private let erase: Statement
    private let former: Former

    init(_ connection: OpaquePointer) throws(LedgerError) {
        links = try PersonLinks(connection)
        former = try Former(connection)
        owe = try Statement(
            connection,
            """
            INSERT OR IGNORE INTO \(InternalTable.owedAnswer) (subject, kind, cause, place)
            VALUES (?, ?, ?, ?)
            """)
        settle = try Statement(
            connection,
            "DELETE FROM \(InternalTable.owedAnswer) WHERE subject = ? AND kind = ? AND cause < ?")
        erase = try Statement(
            connection, "INSERT OR IGNORE INTO \(InternalTable.erasure) VALUES (?, ?, ?)")
    }

    /// Follows the answers of a delta in seq order.
    func note(_ delta: Delta) throws(LedgerError) {
        for line in delta.repeatedForgets {
            try erase(line.subject, Int64(line.seq), alone: true)
        }
        guard !delta.controls.isEmpty else { return }
        var moment = PersonLinks.Moment(delta)
        var controls = delta.controls[...]
        while let first = controls.first {
            // A line that names a customer and a visitor answers for both.
            let line = controls.prefix { $0.seq == first.seq }
            controls = controls.dropFirst(line.count)
            guard let kind = OwedAnswer.Kind(first.state) else { continue }
            moment.seq = Int64(first.seq)
            let named = line.map { Array(delta.subjects.bytes($0.subject)) }
            for subject in named { try answered(subject, kind, moment.seq) }
            var others = try links.others(named, moment)
            if kind == .withdrawn {
                try former.keep(named, others)
            } else {
                others = try former.take(named, with: others)
            }
            for (i, subject) in others.enumerated() {
                owe.bind(1, subject)
                owe.bind(2, copying: kind.rawValue)
                owe.bind(3, moment.seq)
                owe.bind(4, Int64(i + 2))
                try owe.run()
            }
            for subject in named { moment.cut[subject] = moment.seq }
        }
    }

    private func answered(
        _ subject: [UInt8], _ kind: OwedAnswer.Kind, _ seq: Int64
    ) throws(LedgerError) {
        settle.bind(1, subject)
        settle.bind(2, copying: kind.rawValue)
        settle.bind(3, seq)
        try settle.run()
        if kind == .forgotten { try erase(subject, seq, alone: false) }
    }

    private func erase(_ subject: [UInt8], _ seq: Int64, alone: Bool) throws(LedgerError) {
        erase.bind(1, subject)
        erase.bind(2, seq)
        erase.bind(3, alone ? 1 : 0)
        try erase.run()
    }
}

/// Who was one person when she withdrew. The withdrawal cuts her links, but if she asks to be
/// forgotten later, what she did under the other names is hers still.
private struct Former {
    private let insert: Statement
    private let select: Statement
    private let delete: Statement

    init(_ connection: OpaquePointer) throws(LedgerError) {
        let table = InternalTable.formerLink
        insert = try Statement(
            connection,
            "INSERT OR IGNORE INTO \(table) (subject, other) VALUES (?1, ?2), (?2, ?1)")
        select = try Statement(connection, "SELECT other FROM \(table) WHERE subject = ?")
        delete = try Statement(connection, "DELETE FROM \(table) WHERE subject = ?1 OR other = ?1")
    }

    func keep(_ named: [[UInt8]], _ others: [[UInt8]]) throws(LedgerError) {
        for subject in named {
            for other in others {
                insert.bind(1, subject)
                insert.bind(2, other)
                try insert.run()
            }
        }
    }

    func take(
        _ named: [[UInt8]], with others: [[UInt8]]
    ) throws(LedgerError) -> [[UInt8]] {
        var found = Set(others)
        for subject in named {
            select.bind(1, subject)
            while try select.step() { found.insert(Array(select.bytes(0))) }
            select.reset()
            delete.bind(1, subject)
            try delete.run()
        }
        return found.subtracting(named).sorted { $0.lexicographicallyPrecedes($1) }
    }
}

/// An answer that the log must still say for a subject.
package struct OwedAnswer: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case withdrawn, forgotten

        init?(_ state: Delta.Control.State) {
            switch state {
            case .on: return nil
            case .off: self = .withdrawn
            case .forgotten: self = .forgotten
            }
        }
    }

    /// `c/<customer>` or `v/<site>/<visitor>`.
    package var subject: String
    package var kind: Kind
    /// Seq of the line by which the person answered.
    package var cause: UInt64
    /// The line's id is that of the cause, `/` and this number; from 2.
    package var place: Int

    package init(subject: String, kind: Kind, cause: UInt64, place: Int) {
        self.subject = subject
        self.kind = kind
        self.cause = cause
        self.place = place
    }
}
