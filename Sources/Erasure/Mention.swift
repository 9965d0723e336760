import Engagement

/// Whom of the erased a line names, and as what.
struct Mention {
    /// Whom the line counts for: its customer, else its visitor.
    private(set) var isOwn = false
    /// The visitor beside a customer.
    private(set) var visitor: [UInt8]?
    /// Fields that name somebody else who is erased.
    private(set) var others: [Field] = []
    let type: EventType?
    /// An answer that says when somebody was opted out or forgotten: what steers the fold, and the
    /// erasure itself.
    let isSteering: Bool
    /// What her own line keeps for the sake of the other one it names: an answer is also the other's.
    private(set) var kept: [Field] = []

    /// nil: the line names nobody who is erased.
    init?(_ fields: LineFields, seq: UInt64, _ subjects: ErasedSubjects) {
        let customer = fields.customer(.customer)
        let visitor = fields.visitor
        isOwn = subjects.holds(customer ?? visitor, at: seq)
        if customer != nil, subjects.holds(visitor, at: seq) {
            self.visitor = visitor
            others.append(.visitor)
        }
        for field in [Field.into, .referred]
        where subjects.holds(fields.customer(field), at: seq) { others.append(field) }
        guard isOwn || !others.isEmpty else { return nil }
        type = fields.type
        isSteering =
            switch type {
            case .forget: true
            case .permissionGranted, .permissionWithdrawn: fields.isText(.purpose, "tracking")
            default: false
            }
        if isSteering, customer != nil, visitor != nil, self.visitor == nil {
            kept = [.visitor, .purpose]
        }
    }
}
