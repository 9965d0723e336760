import Engagement

/// Binds values of a delta to a statement's parameters: what they hold stays in the delta, and must
/// until the statement was stepped.
struct RowBinder {
    private let words: Interner
    private let subjects: Interner
    private let states: SubjectStates
    private let hasDead: Bool

    init(_ delta: Delta) {
        words = delta.words
        subjects = delta.subjects
        states = delta.rooms.states
        hasDead = !delta.purges.isEmpty
    }

    @inline(__always)
    func bind(_ value: Int64, _ kind: ColumnKind, _ statement: Statement, _ parameter: Int32) {
        let id = Int32(truncatingIfNeeded: value)
        switch kind {
        case .author:
            let isHeld = value >= 0 && !(hasDead && states.isDead(id))
            statement.bind(parameter, text: isHeld ? subjects.bytes(id) : Self.nobody)
        case _ where value == Delta.null: statement.bindNull(parameter)
        case .integer: statement.bind(parameter, value)
        case .text: statement.bind(parameter, text: words.bytes(id))
        case .subject: statement.bind(parameter, text: subjects.bytes(id))
        }
    }

    /// An empty text: it needs an address, or SQLite reads it as NULL.
    private nonisolated(unsafe) static let nobody = UnsafeRawBufferPointer(
        start: UnsafeRawPointer(UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)),
        count: 0)
}
