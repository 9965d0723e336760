import Engagement

/// Who was one person at a moment in the middle of a delta: by the links that are stored, and those
/// that the delta brings.
///
/// As `identity.person` has it: customers that an alias joins are one, and a visitor is the customer
/// of its last link alone. So a browser that two people used belongs to the later one, and what one
/// of them says never reaches the other.
struct PersonLinks {
    /// The delta's links, and which subjects have lost theirs on the way.
    struct Moment {
        struct Link {
            /// A visitor, or a customer that was aliased.
            var from: [UInt8]
            var to: [UInt8]
            var time: Int64
            var seq: Int64
        }

        /// Links that came before it count.
        var seq: Int64 = 0
        /// By which seq a subject's earlier links were cut.
        var cut: [[UInt8]: Int64] = [:]
        /// By either end.
        fileprivate private(set) var links: [[UInt8]: [Link]] = [:]

        init(_ delta: Delta) {
            let rows = delta.rooms.identityLink.rows
            for i in 0..<rows.count {
                let link = Link(
                    from: Array(delta.subjects.bytes(Int32(truncatingIfNeeded: rows.key(i, 0)))),
                    to: Array(
                        delta.subjects.bytes(Int32(truncatingIfNeeded: rows.values(i)[0]))),
                    time: rows.key(i, 1), seq: rows.key(i, 2))
                links[link.from, default: []].append(link)
                links[link.to, default: []].append(link)
            }
        }

        /// - Parameter isStored: before the delta.
        fileprivate func holds(_ link: Link, isStored: Bool) -> Bool {
            let cutAt = max(cut[link.from] ?? -1, cut[link.to] ?? -1)
            return isStored ? cutAt < 0 : link.seq < seq && link.seq > cutAt
        }
    }

    private let outgoing: Statement
    private let incoming: Statement

    init(_ connection: OpaquePointer) throws(LedgerError) {
        outgoing = try Statement(
            connection, "SELECT target, time_ms, seq FROM identity_link WHERE subject = ?")
        incoming = try Statement(
            connection, "SELECT subject, time_ms, seq FROM identity_link WHERE target = ?")
    }

    /// Her other subjects, in the order of their names.
    func others(_ named: [[UInt8]], _ moment: Moment) throws(LedgerError) -> [[UInt8]] {
        var group: Set<[UInt8]> = []
        var open: [[UInt8]] = []
        for subject in named {
            let root = isVisitor(subject) ? try owner(subject, moment) : subject
            if let root, group.insert(root).inserted { open.append(root) }
        }
        var visitors: Set<[UInt8]> = []
        while let customer = open.popLast() {
            for link in try all(customer, moment) {
                if isVisitor(link.from) {
                    visitors.insert(link.from)
                } else {
                    let other = link.from == customer ? link.to : link.from
                    if group.insert(other).inserted { open.append(other) }
                }
            }
        }
        for visitor in visitors {
            if let owner = try owner(visitor, moment), group.contains(owner) {
                group.insert(visitor)
            }
        }
        return group.subtracting(named).sorted { $0.lexicographicallyPrecedes($1) }
    }

    private func isVisitor(_ subject: [UInt8]) -> Bool { subject.first == UInt8(ascii: "v") }

    /// The customer of a visitor's last link.
    private func owner(_ visitor: [UInt8], _ moment: Moment) throws(LedgerError) -> [UInt8]? {
        try all(visitor, moment).max { ($0.time, $0.seq) < ($1.time, $1.seq) }?.to
    }

    /// The links of a subject that hold at the moment.
    private func all(_ subject: [UInt8], _ moment: Moment) throws(LedgerError) -> [Moment.Link] {
        var found = (moment.links[subject] ?? []).filter { moment.holds($0, isStored: false) }
        for statement in [outgoing, incoming] {
            statement.bind(1, subject)
            defer { statement.reset() }
            while try statement.step() {
                let other = Array(statement.bytes(0))
                let isFrom = statement === outgoing
                let link = Moment.Link(
                    from: isFrom ? subject : other, to: isFrom ? other : subject,
                    time: statement.integer(1), seq: statement.integer(2))
                if moment.holds(link, isStored: true) { found.append(link) }
            }
        }
        return found
    }
}
