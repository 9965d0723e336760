/// The closed catalogue of event types. Unknown types are refused; `custom` exists for them.
/// Source: schemas/events.md.
@frozen @usableFromInline package enum EventType: UInt8, CaseIterable, Sendable {
    case pageView, click
    case newsletterSent, newsletterDelivered, newsletterOpened, newsletterClicked
    case newsletterBounced, newsletterComplained, newsletterSubscribed, newsletterUnsubscribed
    case promotionShown, promotionResponded
    case identify, alias, profile, interest, preference
    case permissionGranted, permissionWithdrawn, forget
    case order, orderItem, refund, contact
    case complaintOpened, complaintResolved, problemOpened, problemClosed
    case feedback, lead, serviceStarted, serviceEnded, referral, spend, custom

    /// The name as it stands in a line: snake_case.
    package var name: String { Self.names[Int(rawValue)] }

    package static let names: [String] = allCases.map { type in
        var out = ""
        for c in "\(type)" {
            if c.isUppercase { out += "_" + c.lowercased() } else { out.append(c) }
        }
        return out
    }

    @inlinable package var isNewsletter: Bool {
        rawValue >= EventType.newsletterSent.rawValue
            && rawValue <= EventType.newsletterUnsubscribed.rawValue
    }

    /// Behaviour is observed, so it may be a machine's and can't be older than 30 days;
    /// everything else is a record, which may be imported late.
    @inlinable package var isBehaviour: Bool {
        rawValue <= EventType.promotionResponded.rawValue || rawValue == EventType.custom.rawValue
    }

    /// Fields without which the event means nothing. `nobody` in `namesSomeone` is apart.
    package var required: [Field] {
        switch self {
        case .newsletterSent, .newsletterDelivered, .newsletterOpened, .newsletterBounced,
            .newsletterComplained:
            [.newsletter, .issue]
        case .newsletterClicked: [.newsletter, .issue, .link]
        case .newsletterSubscribed, .newsletterUnsubscribed: [.newsletter]
        case .promotionShown, .promotionResponded: [.promotion]
        case .identify: [.customer, .visitor]
        case .alias: [.customer, .into]
        case .interest: [.interest, .stance]
        case .preference: [.kind, .channel, .stance]
        case .order: [.order, .amount, .currency]
        case .orderItem: [.order, .category, .amount, .currency]
        case .refund: [.refund, .order, .amount, .currency]
        case .contact: [.direction, .channel]
        case .complaintOpened, .complaintResolved: [.case]
        case .problemOpened, .problemClosed: [.case, .kind]
        case .feedback: [.kind]
        case .serviceStarted, .serviceEnded: [.service]
        case .referral: [.referred]
        case .spend: [.amount, .currency]
        case .custom: [.name]
        default: []
        }
    }

    /// A customer or a visitor must be named.
    package var needsSomeone: Bool {
        switch self {
        case .profile, .interest, .preference, .permissionGranted, .permissionWithdrawn, .forget:
            true
        default: false
        }
    }
}

/// Finds a type by its bytes without making a string.
package struct EventTypeTable: @unchecked Sendable {
    /// Up to 24 bytes of a name as words that overlap where it isn't a multiple of their length, and how
    /// many bytes they are of: two names that differ have keys that differ.
    private struct Key: Equatable {
        var a: UInt64 = 0
        var b: UInt64 = 0
        var c: UInt64 = 0
        var count = 0
    }
    private static let slotCount = 256
    private let keys: UnsafeMutablePointer<Key>
    private let types: UnsafeMutablePointer<UInt8>

    /// One for the process: plain memory, made once and never changed or freed.
    package static let shared = EventTypeTable()

    private init() {
        keys = .allocate(capacity: Self.slotCount)
        types = .allocate(capacity: Self.slotCount)
        keys.initialize(repeating: Key(), count: Self.slotCount)
        types.initialize(repeating: 255, count: Self.slotCount)
        for type in EventType.allCases {
            let bytes = Array(type.name.utf8)
            let key = bytes.withUnsafeBytes { Self.key($0.baseAddress!, $0.count) }
            var slot = Self.slot(key)
            while types[slot] != 255 { slot = (slot &+ 1) & (Self.slotCount - 1) }
            keys[slot] = key
            types[slot] = type.rawValue
        }
    }

    package func find(_ bytes: UnsafeRawPointer, _ count: Int) -> EventType? {
        guard count > 0, count <= 24 else { return nil }
        let key = Self.key(bytes, count)
        var slot = Self.slot(key)
        while types[slot] != 255 {
            if keys[slot] == key { return EventType(rawValue: types[slot]) }
            slot = (slot &+ 1) & (Self.slotCount - 1)
        }
        return nil
    }

    private static func slot(_ key: Key) -> Int {
        let mixed = (key.a ^ key.b &* 31 ^ key.c &* 131) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed &>> 56)
    }

    private static func key(_ bytes: UnsafeRawPointer, _ count: Int) -> Key {
        func word<Word: FixedWidthInteger>(_ at: Int, _ type: Word.Type) -> UInt64 {
            UInt64(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: at, as: Word.self))
        }
        let end = count &- 8
        switch count {
        case 17...24:
            return Key(
                a: word(0, UInt64.self), b: word(8, UInt64.self), c: word(end, UInt64.self),
                count: count)
        case 8...16: return Key(a: word(0, UInt64.self), b: word(end, UInt64.self), count: count)
        case 4...7:
            return Key(a: word(0, UInt32.self), b: word(count &- 4, UInt32.self), count: count)
        default:
            return Key(
                a: word(0, UInt8.self), b: word(count &>> 1, UInt8.self),
                c: word(count &- 1, UInt8.self), count: count)
        }
    }
}
