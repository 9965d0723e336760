import Engagement
import GRDBSQLite

/// Removes a subject: its rows go, what must outlive it names nobody, and the lines that were
/// counted for it become anonymised ones.
///
/// `identity` keeps a row only for subjects that some stored row still names, so partners known
/// through a deleted link or referral alone go too. Source: schemas/events.md, "Erasure".
struct Purger {
    private let identities: Identities
    private let traces: TraceStore
    private let held: Statement
    private let partners: [Statement]
    private let deletes: [Statement]
    private let named: Statement
    private let deleteIdentity: Statement
    private let anonymise: Statement

    init(_ connection: OpaquePointer, _ identities: Identities, _ traces: TraceStore)
        throws(LedgerError)
    {
        self.identities = identities
        self.traces = traces
        held = try Statement(connection, "SELECT 1 FROM subject_total WHERE subject = ?")
        partners = [
            try Statement(connection, "SELECT target FROM identity_link WHERE subject = ?"),
            try Statement(connection, "SELECT subject FROM identity_link WHERE target = ?"),
            try Statement(connection, "SELECT referred FROM referral WHERE subject = ?"),
        ]
        var deletes: [Statement] = []
        for shape in Delta.shapes {
            let columns =
                shape.keys.map { ($0.name, $0.kind) }
                + shape.values.map { ($0.name, $0.kind) }
            for (name, kind) in columns {
                switch kind {
                case .subject:
                    deletes.append(
                        try Statement(connection, "DELETE FROM \(shape.name) WHERE \(name) = ?"))
                case .author:
                    deletes.append(
                        try Statement(
                            connection, "UPDATE \(shape.name) SET \(name) = '' WHERE \(name) = ?"))
                case .integer, .text: break
                }
            }
        }
        self.deletes = deletes
        named = try Statement(
            connection,
            """
            SELECT EXISTS (SELECT 1 FROM subject_total WHERE subject = ?1)
              OR EXISTS (SELECT 1 FROM identity_link WHERE subject = ?1)
              OR EXISTS (SELECT 1 FROM identity_link WHERE target = ?1)
              OR EXISTS (SELECT 1 FROM referral WHERE referred = ?1)
            """)
        deleteIdentity = try Statement(connection, "DELETE FROM identity WHERE subject = ?")
        anonymise = try Statement(
            connection,
            """
            UPDATE site_day SET anonymised = anonymised + ?4
            WHERE site = ?1 AND day = ?2 AND type = ?3
            """)
    }

    /// - Returns: how many lines that were counted for the subject are now counted for nobody.
    func purge(_ subject: [UInt8], hash: UInt64) throws(LedgerError) -> Int64 {
        var lines: Int64 = 0
        held.bind(1, subject)
        let isHeld = try held.step()
        held.reset()
        if isHeld {
            for place in try traces.take(hash) {
                anonymise.bind(1, copying: place.site)
                anonymise.bind(2, place.day)
                anonymise.bind(3, copying: place.type.name)
                anonymise.bind(4, place.count)
                try anonymise.run()
                lines += place.count
            }
        }
        var known: Set<[UInt8]> = []
        for statement in partners { known.formUnion(try identities.names(statement, subject)) }
        known.remove(subject)
        for statement in deletes {
            statement.bind(1, subject)
            try statement.run()
        }
        try delete(subject)
        // Customers first: a visitor's person is its customer's.
        for partner in known.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            named.bind(1, partner)
            _ = try named.step()
            let isNamed = named.integer(0) != 0
            named.reset()
            if isNamed { try identities.recompute(partner) } else { try delete(partner) }
        }
        return lines
    }

    private func delete(_ subject: [UInt8]) throws(LedgerError) {
        deleteIdentity.bind(1, subject)
        try deleteIdentity.run()
    }
}
