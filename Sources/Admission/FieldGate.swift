import ByteScan
import Engagement

/// The shape of each field, and what a type demands of its fields together.
///
/// Rules in the order in which they refuse: a value of the wrong kind or length, a field missing,
/// a value out of its range or list. A key is never truncated: two customers could merge.
/// Source: schemas/events.md.
///
/// What most lines need stands in flat tables and bit masks, so that a good line costs a few
/// instructions a field.
struct FieldGate: @unchecked Sendable {
    /// Longest text per field id; 0: not a text.
    private let maximumBytes: UnsafeMutablePointer<Int32>
    /// Required fields per type, ids below 64 and from 64 on.
    private let required: UnsafeMutablePointer<(low: UInt64, high: UInt64)>
    /// Fields whose values must be on a list or fit another field.
    private let listedLow: UInt64
    private let listedHigh: UInt64

    init() {
        maximumBytes = .allocate(capacity: FieldSlots.capacity)
        maximumBytes.initialize(repeating: 0, count: FieldSlots.capacity)
        for field in Field.allCases {
            if case .text(let maximum) = field.shape {
                maximumBytes[Int(field.rawValue)] = Int32(maximum)
            }
        }
        required = .allocate(capacity: EventType.allCases.count)
        for type in EventType.allCases { required[Int(type.rawValue)] = mask(type.required) }
        (listedLow, listedHigh) = mask([
            .actor, .actorReason, .direction, .purpose, .plan, .stance, .kind, .currency, .score,
        ])
    }

    /// Lives as long as its lane; the lane frees it.
    func deallocate() {
        maximumBytes.deallocate()
        required.deallocate()
    }

    /// Kind and length of one present value. `bytes` are unescaped.
    @inline(__always)
    func checkShape(_ word: FieldWord, _ bytes: UnsafeMutableRawPointer) throws(Rejection) {
        let maximum = Int(maximumBytes[Int(word.id)])
        if maximum == 0 { return try checkOther(word, bytes) }
        if word.isText, word.length <= maximum { return }
        throw wrong(word, word.isText ? "is too long" : "must be a string")
    }

    @inline(never)
    private func checkOther(
        _ word: FieldWord, _ bytes: UnsafeMutableRawPointer
    ) throws(Rejection) {
        guard let field = Field(rawValue: word.id) else { return }
        switch field.shape {
        case .integer(let range):
            guard word.isInteger else { throw wrong(word, "must be an integer") }
            guard let value = parseInteger(bytes, word.length), range.contains(value) else {
                throw wrong(word, "is out of range")
            }
        case .boolean:
            guard word.isBoolean else { throw wrong(word, "must be true or false") }
        case .server: throw Rejection(.reservedField, field, "is the server's own")
        case .text: break
        }
    }

    /// The type's required fields are there, and values fit their lists.
    @inline(__always)
    func checkTogether(_ fields: FieldSlots) throws(Rejection) {
        let need = required[Int(fields.type.rawValue)]
        if need.low & ~fields.presentLow != 0 || need.high & ~fields.presentHigh != 0 {
            throw missing(fields)
        }
        switch fields.type {
        case .pageView, .click: break
        default: try checkSomeone(fields)
        }
        if fields.presentLow & listedLow != 0 || fields.presentHigh & listedHigh != 0 {
            try checkLists(fields)
        }
    }

    private func checkSomeone(_ fields: FieldSlots) throws(Rejection) {
        if fields.type.needsSomeone, !fields.has(.customer), !fields.has(.visitor) {
            throw Rejection(.missingField, .customer, "or visitor is required by this type")
        }
        if fields.type == .spend, !fields.has(.campaign), !fields.has(.promotion),
            !fields.has(.newsletter)
        {
            throw Rejection(
                .missingField, .campaign, "or promotion or newsletter is required by spend")
        }
    }

    @inline(never)
    private func checkLists(_ fields: FieldSlots) throws(Rejection) {
        try fields.oneOf(
            .actor, "human", "bot", "prefetch", "monitor", "mail_proxy", "link_scanner")
        // It outlives an erasure: a word, not a text.
        if let reason = fields.text(.actorReason),
            reason.count > 40
                || !reason.allSatisfy({ $0 &- 97 < 26 || $0 &- 48 < 10 || $0 == 0x5f })
        {
            throw Rejection(.invalidField, .actorReason, "must be a word of a-z 0-9 _, at most 40")
        }
        try fields.oneOf(.direction, "in", "out")
        try fields.oneOf(.purpose, "contact", "tracking")
        try fields.oneOf(.plan, "trial", "paid", "employer", "free")
        switch fields.type {
        case .interest: try fields.oneOf(.stance, "like", "dislike", "neutral")
        case .preference:
            try fields.oneOf(.stance, "prefer", "accept", "avoid")
            try fields.oneOf(.kind, "contact", "purchase")
        case .problemOpened, .problemClosed: try fields.oneOf(.kind, "billing", "service")
        case .feedback: try fields.oneOf(.kind, "survey", "review", "sentiment", "media", "story")
        default: break
        }
        if let currency = fields.text(.currency) {
            guard currency.count == 3, currency.allSatisfy({ $0 >= 65 && $0 <= 90 }) else {
                throw Rejection(
                    .invalidField, .currency, "must be three capital letters (ISO 4217)")
            }
        }
        if let score = fields.integer(.score), score > fields.integer(.scale) ?? 100 {
            throw Rejection(.invalidField, .score, "is above its scale")
        }
    }

    private func missing(_ fields: FieldSlots) -> Rejection {
        Rejection(
            .missingField, fields.type.required.first { !fields.has($0) },
            "is required by this type")
    }

    private func wrong(_ word: FieldWord, _ cause: StaticString) -> Rejection {
        Rejection(.invalidField, Field(rawValue: word.id), cause)
    }
}

private func mask(_ fields: [Field]) -> (low: UInt64, high: UInt64) {
    fields.reduce(into: (low: 0, high: 0)) { mask, field in
        if field.rawValue < 64 {
            mask.low |= 1 << UInt64(field.rawValue)
        } else {
            mask.high |= 1 << UInt64(field.rawValue - 64)
        }
    }
}

/// Digits with an optional minus; nil when it doesn't fit Int64.
func parseInteger(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int64? {
    guard count <= 20 else { return nil }
    var value: Int64 = 0
    var negative = false
    for i in 0..<count {
        let byte = bytes.load(fromByteOffset: i, as: UInt8.self)
        if byte == UInt8(ascii: "-") {
            negative = true
            continue
        }
        let (a, o1) = value.multipliedReportingOverflow(by: 10)
        let (b, o2) = a.addingReportingOverflow(Int64(byte &- 48))
        if o1 || o2 { return nil }
        value = b
    }
    return negative ? -value : value
}
