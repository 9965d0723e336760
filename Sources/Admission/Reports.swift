import Engagement

/// The types of event that a credential is good for.
///
/// What lets a page write, its key or its origin, is known to everybody. So it is good for what a
/// visitor does and says, but not for what merges or erases people, describes them by name, or is
/// the business of the cash desk and the mail server. Source: schemas/wire.md, "Keys".
struct Reports: Sendable, Equatable {
    private let types: UInt64

    init(_ types: [EventType]) { self.types = types.reduce(0) { $0 | 1 << UInt64($1.rawValue) } }

    @inline(__always)
    func contains(_ type: EventType) -> Bool { types & 1 << UInt64(type.rawValue) != 0 }

    static let everything = Reports(EventType.allCases)

    static let pages = Reports([
        .pageView, .click, .custom, .promotionShown, .promotionResponded, .identify, .interest,
        .preference, .permissionGranted, .permissionWithdrawn, .newsletterSubscribed,
        .newsletterUnsubscribed, .order, .orderItem, .feedback, .lead, .complaintOpened,
        .problemOpened,
    ])
}
