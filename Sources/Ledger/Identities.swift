import Engagement
import GRDBSQLite

/// Keeps `identity.person`: a visitor is the customer of its last link, aliased customers are one
/// group named by the target of the group's last edge.
struct Identities {
    private let ensure: Statement
    private let lastLink: Statement
    private let targets: Statement
    private let customerSources: Statement
    private let visitorSources: Statement
    private let setPerson: Statement
    private let person: Statement

    init(_ connection: OpaquePointer) throws(LedgerError) {
        ensure = try Statement(
            connection, "INSERT OR IGNORE INTO identity (subject, person) VALUES (?1, ?1)")
        lastLink = try Statement(
            connection,
            """
            SELECT time_ms, seq, target FROM identity_link WHERE subject = ?
            ORDER BY time_ms DESC, seq DESC LIMIT 1
            """)
        targets = try Statement(
            connection, "SELECT DISTINCT target FROM identity_link WHERE subject = ?")
        customerSources = try Statement(
            connection,
            "SELECT DISTINCT subject FROM identity_link WHERE target = ? AND subject < 'd'")
        visitorSources = try Statement(
            connection,
            "SELECT DISTINCT subject FROM identity_link WHERE target = ? AND subject >= 'v/'")
        setPerson = try Statement(
            connection, "UPDATE identity SET person = ?2 WHERE subject = ?1 AND person <> ?2")
        person = try Statement(connection, "SELECT person FROM identity WHERE subject = ?")
    }

    /// After a delta's links and referrals were written: everybody they name has a row, and the
    /// groups they touch are worked out anew.
    func link(_ delta: Delta) throws(LedgerError) {
        var customers: Set<[UInt8]> = []
        var visitors: Set<[UInt8]> = []
        let links = delta.rooms.identityLink.rows
        for i in 0..<links.count {
            let subject = Int32(truncatingIfNeeded: links.key(i, 0))
            let target = Int32(truncatingIfNeeded: links.values(i)[0])
            if delta.rooms.states.isDead(subject) || delta.rooms.states.isDead(target) { continue }
            let name = Array(delta.subjects.bytes(subject))
            let isNew = isVisitor(name) ? visitors.insert(name).inserted : true
            if isNew { try self.ensure(delta.subjects.bytes(subject)) }
            try self.ensure(delta.subjects.bytes(target))
            if !isVisitor(name) { customers.insert(name) }
        }
        let referrals = delta.rooms.referral.rows
        for i in 0..<referrals.count {
            let referred = Int32(truncatingIfNeeded: referrals.key(i, 1))
            let subject = Int32(truncatingIfNeeded: referrals.key(i, 0))
            if delta.rooms.states.isDead(subject) || delta.rooms.states.isDead(referred) {
                continue
            }
            try self.ensure(delta.subjects.bytes(referred))
        }
        for customer in customers { try recompute(customer) }
        for visitor in visitors { try recompute(visitor) }
    }

    /// Works out the person of a subject anew, and of its group.
    func recompute(_ subject: [UInt8]) throws(LedgerError) {
        if isVisitor(subject) {
            let link = try last(subject)
            let person = try link.map { link throws(LedgerError) in
                try stored(link.target) ?? link.target
            }
            _ = try set(subject, person ?? subject)
            return
        }
        var group: Set<[UInt8]> = [subject]
        var open = [subject]
        var newest: Link?
        while let member = open.popLast() {
            if let link = try last(member), newest.map({ $0.precedes(link) }) ?? true {
                newest = link
            }
            for neighbour in try names(targets, member) + names(customerSources, member)
            where group.insert(neighbour).inserted {
                open.append(neighbour)
            }
        }
        let person = newest?.target ?? subject
        for member in group where try set(member, person) {
            for visitor in try names(visitorSources, member) { try recompute(visitor) }
        }
    }

    private struct Link {
        var time: Int64
        var seq: Int64
        var target: [UInt8]
        func precedes(_ other: Link) -> Bool { (time, seq) < (other.time, other.seq) }
    }

    private func isVisitor(_ subject: [UInt8]) -> Bool { subject.first == UInt8(ascii: "v") }

    private func ensure(_ subject: UnsafeRawBufferPointer) throws(LedgerError) {
        ensure.bind(1, text: subject)
        try ensure.run()
    }

    private func last(_ subject: [UInt8]) throws(LedgerError) -> Link? {
        lastLink.bind(1, subject)
        defer { lastLink.reset() }
        guard try lastLink.step() else { return nil }
        return Link(
            time: lastLink.integer(0), seq: lastLink.integer(1), target: Array(lastLink.bytes(2)))
    }

    private func stored(_ subject: [UInt8]) throws(LedgerError) -> [UInt8]? {
        person.bind(1, subject)
        defer { person.reset() }
        return try person.step() ? Array(person.bytes(0)) : nil
    }

    func names(_ statement: Statement, _ subject: [UInt8]) throws(LedgerError) -> [[UInt8]] {
        statement.bind(1, subject)
        defer { statement.reset() }
        var out: [[UInt8]] = []
        while try statement.step() { out.append(Array(statement.bytes(0))) }
        return out
    }

    /// - Returns: whether the stored person was another.
    private func set(_ subject: [UInt8], _ person: [UInt8]) throws(LedgerError) -> Bool {
        guard let old = try stored(subject), old != person else { return false }
        setPerson.bind(1, subject)
        setPerson.bind(2, person)
        try setPerson.run()
        return true
    }
}
