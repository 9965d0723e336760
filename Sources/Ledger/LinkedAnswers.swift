import Engagement

/// Carries a person's withdrawal or erasure on to the other subjects that are the same person.
///
/// A line names one subject or two; what the ledger knows of her under others must follow. The fold
/// never asks for the identity of a moment, so each of them gets a line of its own in the log. Here
/// it is noted, in the transaction that executes the first line, which ones are owed; when such a
/// line is folded in its turn, the debt is settled. After a crash, or in a ledger that was rebuilt,
/// what is left is exactly what was never written to the log.
struct LinkedAnswers {
    private let identities: Identities
    private let neighbours: [Statement]
    private let owe: Statement
    private let settle: Statement
    private let erase: Statement

    init(_ connection: OpaquePointer, _ identities: Identities) throws(LedgerError) {
        self.identities = identities
        neighbours = [
            try Statement(connection, "SELECT target FROM identity_link WHERE subject = ?"),
            try Statement(connection, "SELECT subject FROM identity_link WHERE target = ?"),
        ]
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
            connection,
            """
            INSERT INTO \(InternalTable.erasure) (subject, seq) VALUES (?, ?)
            ON CONFLICT (subject) DO UPDATE SET seq = MAX(seq, excluded.seq)
            """)
    }

    /// Links that the delta brings, by either end.
    private typealias Links = [[UInt8]: [(partner: [UInt8], seq: Int64)]]

    /// Follows the answers of a delta in seq order.
    func note(_ delta: Delta) throws(LedgerError) {
        var fresh: Links?
        // The seq at which a subject's links were cut.
        var cut: [[UInt8]: Int64] = [:]
        var controls = delta.controls[...]
        while let first = controls.first {
            // A line that names a customer and a visitor answers for both.
            let line = controls.prefix { $0.seq == first.seq }
            controls = controls.dropFirst(line.count)
            guard let kind = OwedAnswer.Kind(first.state) else { continue }
            let seq = Int64(first.seq)
            let named = line.map { Array(delta.subjects.bytes($0.subject)) }
            for subject in named {
                settle.bind(1, subject)
                settle.bind(2, copying: kind.rawValue)
                settle.bind(3, seq)
                try settle.run()
                if kind == .forgotten {
                    erase.bind(1, subject)
                    erase.bind(2, seq)
                    try erase.run()
                }
            }
            let new = fresh ?? links(delta)
            fresh = new
            let reached = try reach(named, new, before: seq, cut)
            for (i, subject) in reached.enumerated() {
                owe.bind(1, subject)
                owe.bind(2, copying: kind.rawValue)
                owe.bind(3, seq)
                owe.bind(4, Int64(i + 2))
                try owe.run()
            }
            for subject in named { cut[subject] = seq }
        }
    }

    private func links(_ delta: Delta) -> Links {
        let rows = delta.rooms.identityLink.rows
        var links: Links = [:]
        for i in 0..<rows.count {
            let one = Array(delta.subjects.bytes(Int32(truncatingIfNeeded: rows.key(i, 0))))
            let other = Array(delta.subjects.bytes(Int32(truncatingIfNeeded: rows.values(i)[0])))
            links[one, default: []].append((other, rows.key(i, 2)))
            links[other, default: []].append((one, rows.key(i, 2)))
        }
        return links
    }

    /// The other subjects of the person, as links stood before `seq`; in the order of their names.
    private func reach(
        _ named: [[UInt8]], _ fresh: Links, before seq: Int64, _ cut: [[UInt8]: Int64]
    ) throws(LedgerError) -> [[UInt8]] {
        var group = Set(named)
        var open = named
        while let member = open.popLast() {
            var found: [[UInt8]] = []
            if cut[member] == nil {
                for statement in neighbours {
                    found += try identities.names(statement, member).filter { cut[$0] == nil }
                }
            }
            let cutHere = cut[member] ?? 0
            for link in fresh[member] ?? []
            where link.seq < seq && link.seq > max(cutHere, cut[link.partner] ?? 0) {
                found.append(link.partner)
            }
            for subject in found where group.insert(subject).inserted { open.append(subject) }
        }
        return group.subtracting(named).sorted { $0.lexicographicallyPrecedes($1) }
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
