import Engagement

/// Permission to be tracked, asked for every line on every transport.
///
/// A subject who withdrew it (or whose browser sends Sec-GPC or DNT) keeps counting in totals:
/// her lines lose their personal fields before they are stored. What means nothing without a
/// person is refused as `opted_out`. Her answers about permission always pass, else she could
/// never change her mind.
struct PermissionGate {
    let suppression: Suppression

    /// Most lines don't concern it: nobody withdrew, and the line is no answer about permission.
    @inline(__always)
    func concerns(_ type: EventType, refusesTracking: Bool) -> Bool {
        switch type {
        case .permissionGranted, .permissionWithdrawn, .forget: true
        default: refusesTracking || !suppression.isEmpty
        }
    }

    @inline(never)
    func mustReduce(
        _ fields: FieldSlots, site: [UInt8], refusesTracking: Bool
    ) throws(Rejection) -> Bool {
        let type = fields.type
        switch type {
        case .permissionGranted, .permissionWithdrawn, .forget:
            note(fields, site)
            return false
        default: break
        }
        let named = fields.has(.customer) || fields.has(.visitor)
        guard named else { return false }
        guard refusesTracking || (!suppression.isEmpty && isSuppressed(fields, site)) else {
            return false
        }
        switch type {
        case .identify, .alias, .profile, .interest, .preference, .referral:
            throw Rejection(.optedOut, nil, "the person doesn't want to be tracked")
        default: return true
        }
    }

    /// Follows the answers in the order in which they are admitted.
    private func note(_ fields: FieldSlots, _ site: [UInt8]) {
        switch fields.type {
        case .forget: for subject in subjects(fields, site) { suppression.allow(subject) }
        case .permissionGranted where fields.isText(.purpose, "tracking"):
            for subject in subjects(fields, site) { suppression.allow(subject) }
        case .permissionWithdrawn where fields.isText(.purpose, "tracking"):
            for subject in subjects(fields, site) { suppression.withdraw(subject) }
        default: break
        }
    }

    private func isSuppressed(_ fields: FieldSlots, _ site: [UInt8]) -> Bool {
        subjects(fields, site).contains { suppression.holds($0) }
    }

    /// `c/<customer>` and `v/<site>/<visitor>`, as the ledger names them.
    private func subjects(_ fields: FieldSlots, _ site: [UInt8]) -> [[UInt8]] {
        var out: [[UInt8]] = []
        if let customer = fields.text(.customer) { out.append(Array("c/".utf8) + customer) }
        if let visitor = fields.text(.visitor) {
            out.append(Array("v/".utf8) + site + Array("/".utf8) + visitor)
        }
        return out
    }
}
