// Complaints, problems and feedback: kept also for nobody, because rates need them.

extension Fold {
    func foldCase(_ e: Event) {
        guard e.has(.case) else { return }
        let isComplaint = e.type == .complaintOpened || e.type == .complaintResolved
        let kind = isComplaint ? Word.complaint.rawValue : word(e, .kind, or: .service)
        let row = rooms.cases.row(e.site, kind, word(e, .case))
        if e.type == .complaintOpened || e.type == .problemOpened {
            row.add(.openedN)
            row.high(.lastOpenedMs, e.time)
            if row.isFirst(.openedMs, .openedSeq, e.time, e.seq) {
                row.set(.subject, Int64(e.who))
                row.set(.topic, value(e, .topic))
                row.set(.channel, Int64(channel(e)))
            }
        } else {
            row.add(.closedN)
            if row.isLast(.closedMs, .closedSeq, e.time, e.seq) {
                row.set(.outcome, value(e, .outcome))
                row.set(.satisfaction, e.integer(.satisfaction) ?? Delta.null)
            }
        }
    }

    /// The score on the scale 0…100, floored.
    private func score(_ e: Event) -> Int64? {
        e.integer(.score).map { $0 * 100 / max(1, e.integer(.scale) ?? 100) }
    }

    func foldFeedback(_ e: Event) {
        guard e.has(.kind) else { return }
        let (key, row) = rooms.feedback.add()
        key[0] = Int64(e.who)
        key[1] = e.time
        key[2] = e.seq
        row.set(.kindOf, value(e, .kind))
        row.set(.about, value(e, .about))
        row.set(.channel, Int64(channel(e)))
        row.set(.score, score(e) ?? Delta.null)
        row.set(.sentiment, e.integer(.sentiment) ?? Delta.null)
    }

    func foldScores(_ e: Event, _ total: Row<SubjectTotal>) {
        if let score = score(e) {
            total.add(.scoreN)
            total.add(.scoreSum, score)
        }
        if let sentiment = e.integer(.sentiment) {
            total.add(.sentimentN)
            total.add(.sentimentSum, sentiment)
        }
        if e.equals(.kind, "story") { total.add(.stories) }
    }
}
