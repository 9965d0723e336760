import Admission
import Engagement
import Intake
import Journal
import Ledger
import Synchronization

/// Says for a person's other subjects what she said for one: a withdrawal or an erasure reaches the
/// visitors and customers that the ledger knows as the same person.
///
/// The ledger notes what is owed in the transaction that folds her answer; here it becomes lines of
/// the log, one for each subject, with the answer's id, `/` and a number. They pass the door like
/// everybody's, so that it knows at once. A line that is written twice around a crash is one event,
/// by its id.
final class AnswerRelay: Sendable {
    private let ledger: Ledger
    private let sink: any BatchSink
    private let suppression: Suppression
    private let notice: @Sendable (String) -> Void
    private let state: Mutex<State>

    private struct State: @unchecked Sendable {
        let causes: StoredFields
        /// On their way through the log.
        var said: Set<String> = []
    }

    init(
        ledger: Ledger, reader: DurableReader, sink: any BatchSink, suppression: Suppression,
        notice: @escaping @Sendable (String) -> Void
    ) {
        self.ledger = ledger
        self.sink = sink
        self.suppression = suppression
        self.notice = notice
        state = Mutex(State(causes: StoredFields(reader)))
    }

    /// Writes what is owed and not yet on its way. Any thread.
    func look() {
        state.withLock { state in
            do {
                let owed = try ledger.owedAnswers()
                let keys = owed.map { "\($0.kind) \($0.cause) \($0.subject)" }
                let fresh = zip(owed, keys).filter { !state.said.contains($0.1) }.map(\.0)
                state.said = Set(keys)
                try say(fresh, state.causes)
            } catch {
                state.said = []
                notice("answers for linked subjects wait: \(error)")
            }
        }
    }

    private func say(_ owed: [OwedAnswer], _ causes: StoredFields) throws {
        let admission = Admission(suppression: suppression)
        var batch = Batch()
        for answer in owed {
            let cause = try causes.read(answer.cause)
            if !admit(line(answer, cause), into: batch, admission) {
                // The cause's id leaves no room for the number, or its line was lost to damage.
                _ = admit(line(answer, nil), into: batch, admission)
            }
            if batch.isFull {
                sink.submit(batch)
                batch = Batch()
            }
        }
        if batch.lineCount > 0 { sink.submit(batch) }
    }

    private func line(_ answer: OwedAnswer, _ cause: StoredFields.Cause?) -> OwnLine {
        let subject = SubjectName(answer.subject)
        let site = subject.site ?? cause?.site ?? "default"
        var line = OwnLine(site: site)
        line.put("type", answer.kind == .forgotten ? "forget" : "permission_withdrawn")
        line.put("id", "\(cause?.id ?? "line-\(answer.cause)")/\(answer.place)")
        line.put("site", site)
        line.put(subject.site == nil ? "customer" : "visitor", subject.name)
        if answer.kind == .withdrawn { line.put("purpose", "tracking") }
        if let time = cause?.time { line.put("time", time) }
        return line
    }

    private func admit(_ line: OwnLine, into batch: Batch, _ admission: Admission) -> Bool {
        line.withBytes { bytes, count in
            let step = admission.admit(
                bytes, from: 0, limit: count,
                door: Door(via: .daemon, grant: Grant(own: line.site)), into: batch)
            if case .accepted = step.verdict { return true }
            return false
        }
    }
}
