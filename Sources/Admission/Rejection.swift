package import Engagement

/// Why a line was refused. Closed: clients, counters and docs rely on these codes.
/// Source: schemas/wire.md, "Reason codes".
package enum Reason: String, CaseIterable, Sendable {
    case malformedJSON = "malformed_json"
    case invalidUTF8 = "invalid_utf8"
    case tooLarge = "too_large"
    case truncatedDatagram = "truncated_datagram"
    case reservedField = "reserved_field"
    case unknownType = "unknown_type"
    case missingField = "missing_field"
    case invalidField = "invalid_field"
    case unknownKey = "unknown_key"
    case forbiddenOrigin = "forbidden_origin"
    case rateLimited = "rate_limited"
    case optedOut = "opted_out"
    case overloaded
    case diskFull = "disk_full"

    package var code: String { rawValue }

    /// Position in `allCases`, for counters.
    package var index: Int { Self.allCases.firstIndex(of: self)! }
}

/// A refused line: the reason, and what a sender needs to mend it. Holds nothing personal.
package struct Rejection: Error, Sendable {
    package var reason: Reason
    package var field: Field?
    package var cause: StaticString

    package init(_ reason: Reason, _ field: Field? = nil, _ cause: StaticString) {
        self.reason = reason
        self.field = field
        self.cause = cause
    }

    /// One sentence for a person.
    package var detail: String {
        if let field { "\(field.key): \(cause)" } else { "\(cause)" }
    }
}
