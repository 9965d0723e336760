/// The top-level keys of an event that a gate or the fold reads.
///
/// The raw value is the id a scanner writes into a `FieldWord`; ids are internal to one process
/// and never stored. Any other key is kept in the segment and ignored here.
/// Source: schemas/events.md, "Fields".
@usableFromInline package enum Field: UInt8, CaseIterable, Sendable {
    // The server's own: a client that sends one of these is refused.
    case seq, received, via, control, redacted, erased
    // Envelope.
    case type, id, site, customer, visitor, time, url, referrer, title
    case campaign, promotion, channel, actor, actorReason
    // Per type.
    case newsletter, issue, link, target, into, interest, stance, kind, topic, context
    case frequency, hours, purpose, source, order, refund, category, currency, direction
    case thread, `case`, outcome, about, service, plan, referred, content
    case contentKind, sku
    // Profile attributes (`name` also names a custom event).
    case name, email, phone, phoneMobile, phoneWork, billingAddress, shippingAddress, birthYear
    case gender, postcode, region, country, language, occupation, persona, household
    case householdRole, employer, employerRole
    // Integers.
    case amount, quantity, score, scale, sentiment, satisfaction, seconds, maxPer30d
    // Booleans.
    case hard, webdriver

    /// The key as it stands in a JSON line: the case's name in snake_case.
    package var key: String {
        if self == .maxPer30d { return "max_per_30d" }
        var out = ""
        for c in "\(self)" {
            if c.isUppercase { out += "_" + c.lowercased() } else { out.append(c) }
        }
        return out
    }

    package static let reserved: [Field] = [.seq, .received, .via, .control, .redacted, .erased]

    /// Attributes of a person, in the order in which `profile` folds them.
    package static let profile: [Field] = [
        .name, .email, .phone, .phoneMobile, .phoneWork, .billingAddress, .shippingAddress,
        .birthYear, .gender, .postcode, .region, .country, .language, .occupation, .persona,
        .household, .householdRole, .employer, .employerRole,
    ]

    /// What a value must be. Lengths are bytes of UTF-8 after unescaping.
    package enum Shape: Equatable, Sendable {
        case text(maximumBytes: Int)
        case integer(ClosedRange<Int64>)
        case boolean
        /// Not a client's business.
        case server
    }

    package static let shortTextBytes = 200
    package static let longTextBytes = 2_048

    package var shape: Shape {
        switch self {
        case .seq, .received, .via, .control, .redacted, .erased: .server
        case .amount: .integer(0...100_000_000_000)
        case .quantity, .score: .integer(0...1_000_000)
        case .scale: .integer(1...1_000_000)
        case .sentiment: .integer(-100...100)
        case .satisfaction: .integer(0...100)
        case .seconds: .integer(0...86_400)
        case .maxPer30d: .integer(0...1_000)
        case .hard, .webdriver: .boolean
        case .url, .referrer, .title, .link, .target: .text(maximumBytes: Self.longTextBytes)
        default:
            Self.profile.contains(self)
                ? .text(maximumBytes: Self.longTextBytes) : .text(maximumBytes: Self.shortTextBytes)
        }
    }
}

/// One scanned field, packed so that a line's fields lie in a flat array.
///
/// Layout of the word, low bits first: 8 bits field id, 8 bits value kind (bit 7: the text still
/// holds escapes), 16 bits length, 32 bits offset from the start of the batch's bytes. For text
/// the range lies between the quotes. `ByteScan.JSONScanner` writes the same layout.
@frozen @usableFromInline package struct FieldWord: Equatable, Sendable {
    @usableFromInline package var bits: UInt64

    @inlinable package init(bits: UInt64) { self.bits = bits }

    @inlinable package init(id: UInt8, kind: UInt8, offset: Int, length: Int) {
        bits =
            UInt64(id) | UInt64(kind) << 8 | UInt64(UInt16(truncatingIfNeeded: length)) << 16
            | UInt64(UInt32(truncatingIfNeeded: offset)) << 32
    }

    @inlinable package var id: UInt8 { UInt8(truncatingIfNeeded: bits) }
    /// The kind's raw value: comparing it costs one instruction, whatever the module.
    @inlinable package var rawKind: UInt8 { UInt8(truncatingIfNeeded: bits &>> 8) & 0x7f }
    @inlinable package var kind: Kind { Kind(rawValue: rawKind)! }
    @inlinable package var isText: Bool { rawKind == 0 }
    @inlinable package var isInteger: Bool { rawKind == 1 }
    @inlinable package var isBoolean: Bool { rawKind == 3 || rawKind == 4 }
    @inlinable package var isNull: Bool { rawKind == 5 }
    @inlinable package var isEscaped: Bool { bits & 0x8000 != 0 }
    @inlinable package var length: Int { Int((bits &>> 16) & 0xffff) }
    @inlinable package var offset: Int { Int(bits &>> 32) }

    @frozen @usableFromInline package enum Kind: UInt8, Sendable {
        case text = 0
        case integer = 1
        /// A number with a fraction or an exponent.
        case fraction = 2
        case `true` = 3
        case `false` = 4
        case null = 5
        case nested = 6
    }
}
