import Journal

/// The first pass over the log: which segments name somebody who is erased, and what her answers were.
struct SegmentSurvey {
    /// What one segment holds of hers.
    struct Found {
        var lines = false
        var answers = false
    }

    private(set) var history: TrackingHistory
    private let subjects: ErasedSubjects
    private let fields = LineFields()

    init(_ subjects: ErasedSubjects, window: UInt64) {
        self.subjects = subjects
        history = TrackingHistory(window: window)
    }

    /// Reads one segment. In the order of their seqs.
    mutating func look(
        _ name: String, _ bodies: SegmentBodies, shouldStop: () -> Bool
    ) throws(SegmentRefusal) -> Found {
        var found = Found()
        try bodies.read(name, shouldStop: shouldStop) { body throws(SegmentRefusal) in
            guard !body.isControl, subjects.mayBeNamed(in: body.bytes) else { return true }
            let holds = try body.lines { line, seq throws(SegmentRefusal) in
                guard seq <= subjects.lastSeq, subjects.mayBeNamed(in: line), fields.read(line),
                    let mention = Mention(fields, seq: seq, subjects)
                else { return }
                if mention.isSteering {
                    found.answers = true
                    history.note(fields, mention, seq: seq)
                } else {
                    found.lines = true
                }
            }
            // The rewriting checks the file whole and says what is wrong.
            if !holds { found.lines = true }
            return true
        }
        return found
    }
}
