import Engagement
import Journal

/// Takes erased people out of stored lines.
///
/// Their own lines keep what totals need (`Field.impersonal`), byte for byte. Lines of others lose the
/// one field that names them and say so in `erased`; where the erased one was opted out at that time,
/// such a line counted for nobody, so it is reduced like her own. An answer about tracking goes on to
/// hold for whoever else it names. Folding the result gives what folding the original with its
/// `forget` gives. What has been done is found done: a second pass changes nothing.
package struct LineRedaction: LineEdit {
    private let subjects: ErasedSubjects
    private let history: TrackingHistory
    private let sparesAnswers: Bool
    private let fields = LineFields()

    /// - Parameter sparesAnswers: leaves the answers that steer the erasure as they are.
    package init(
        _ subjects: ErasedSubjects, _ history: TrackingHistory, sparesAnswers: Bool = false
    ) {
        self.subjects = subjects
        self.history = history
        self.sparesAnswers = sparesAnswers
    }

    package func mayChange(_ body: UnsafeRawBufferPointer) -> Bool {
        subjects.mayBeNamed(in: body)
    }

    package func edited(_ line: UnsafeRawBufferPointer, seq: UInt64) -> [UInt8]? {
        guard seq <= subjects.lastSeq, subjects.mayBeNamed(in: line), fields.read(line),
            let mention = Mention(fields, seq: seq, subjects)
        else { return nil }
        if sparesAnswers, mention.isSteering { return nil }
        if mention.isOwn { return fields.reduced(keeping: mention.kept) }
        if let visitor = mention.visitor, !mention.isSteering, history.isOff(visitor, at: seq) {
            return fields.reduced()
        }
        return fields.without(mention.others, type: mention.type)
    }
}
