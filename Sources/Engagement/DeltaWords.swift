/// Texts that the fold itself writes, with ids fixed at compile time: every word table starts with
/// the event types' names and then these. No case may bear a type's name.
package enum Word: Int32, CaseIterable, Sendable {
    case empty = 64
    case any, web, email, complaint, billing, service, campaign, promotion, newsletter
    case subscribed, unsubscribed, granted, withdrawn, started, ended

    package var text: String {
        switch self {
        case .empty: ""
        case .any: "*"
        default: "\(self)"
        }
    }

    /// The word that is the type's name: its raw value.
    @inlinable package static func type(_ type: EventType) -> Int32 { Int32(type.rawValue) }

    /// Fills an empty table so that the ids above hold; unused ids below 64 are taken too.
    static func intern(into words: Interner) {
        for name in EventType.names { _ = words.intern(name) }
        for i in EventType.names.count..<64 { _ = words.intern("\u{0}\(i)") }
        for word in Word.allCases { _ = words.intern(word.text) }
    }
}
