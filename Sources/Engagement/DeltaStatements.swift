// What customers told us: append-only, the key ends in (time, seq).
// One enum per table of schemas/ledger.sql, a case per value column, in one place.

package enum IdentityLink: Int, TableColumns {
    case target
    package static let table = "identity_link"
    package static let key: [KeyColumn] = [
        .subject("subject"), .integer("time_ms"), .integer("seq"),
    ]
    package var merge: Merge { .insert }
    package var kind: ColumnKind { .subject }
}

package enum ProfileHistory: Int, TableColumns {
    case value
    package static let table = "profile_history"
    package static let key: [KeyColumn] = [
        .subject("subject"), .text("field"), .integer("time_ms"), .integer("seq"),
    ]
    package var merge: Merge { .insert }
    package var kind: ColumnKind { .text }
}

package enum InterestHistory: Int, TableColumns {
    case stance
    package static let table = "interest_history"
    package static let key: [KeyColumn] = [
        .subject("subject"), .text("interest"), .integer("time_ms"), .integer("seq"),
    ]
    package var merge: Merge { .insert }
    package var kind: ColumnKind { .text }
}

package enum PermissionHistory: Int, TableColumns {
    case state, source
    package static let table = "permission_history"
    package static let key: [KeyColumn] = [
        .subject("subject"), .text("purpose"), .text("channel"), .text("topic"),
        .integer("time_ms"), .integer("seq"),
    ]
    package var merge: Merge { .insert }
    package var kind: ColumnKind { .text }
}

package enum PreferenceHistory: Int, TableColumns {
    case stance, frequency, maxPer30d, hours
    package static let table = "preference_history"
    package static let key: [KeyColumn] = [
        .subject("subject"), .text("kind"), .text("channel"), .text("topic"), .text("context"),
        .integer("time_ms"), .integer("seq"),
    ]
    package var name: String { self == .maxPer30d ? "max_per_30d" : stringValue }
    package var merge: Merge { .insert }
    package var kind: ColumnKind { self == .maxPer30d ? .integer : .text }
}

package enum ServiceHistory: Int, TableColumns {
    case state, plan
    package static let table = "service_history"
    package static let key: [KeyColumn] = [
        .subject("subject"), .text("service"), .integer("time_ms"), .integer("seq"),
    ]
    package var merge: Merge { .insert }
    package var kind: ColumnKind { .text }
}

package enum Feedback: Int, TableColumns {
    case kindOf, about, channel, score, sentiment
    package static let table = "feedback"
    package static let key: [KeyColumn] = [
        .author("subject"), .integer("time_ms"), .integer("seq"),
    ]
    package var name: String { self == .kindOf ? "kind" : stringValue }
    package var merge: Merge { .insert }
    package var kind: ColumnKind { self == .score || self == .sentiment ? .integer : .text }
}
