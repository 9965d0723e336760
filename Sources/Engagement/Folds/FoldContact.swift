// Dialogue: which way a line goes, on which day and channel, and in which conversation.

extension Fold {
    /// The subject's lifetime row; notes the line in the trace.
    @inline(__always)
    func touch(_ e: Event) -> Row<SubjectTotal> {
        let state = rooms.states[e.who]
        rooms.states.touch(e.who, state)
        var total = Int(state.pointee.total)
        if total < 0 {
            total = rooms.subjectTotal.rows.append()
            let key = rooms.subjectTotal.rows.row(total)
            key[0] = Int64(e.who)
            key[1] = 0
            state.pointee.total = Int32(truncatingIfNeeded: total)
        }
        let newest = UnsafeMutableRawPointer(state)
            .advanced(by: SubjectStates.traceOffset).assumingMemoryBound(to: TraceEntry.self)
        rooms.trace.add(
            newest, site: e.site, day: e.day,
            type: e.type.rawValue)
        let row = Row<SubjectTotal>(rooms.subjectTotal.rows, total)
        row.low(.firstMs, e.time)
        row.high(.lastMs, e.time)
        return row
    }

    /// The subject's row of the event's day; the last one met is remembered.
    @inline(__always)
    func subjectDay(_ e: Event) -> Row<SubjectDay> {
        let state = rooms.states[e.who]
        let key = KeyedTable<SubjectDay>.pack(e.who, e.day)
        let table = rooms.subjectDay.rows
        var index = Int(state.pointee.day)
        if index < 0 || table.row(index)[0] != key {
            index = table.index(key, 0)
            state.pointee.day = Int32(truncatingIfNeeded: index)
        }
        return Row(table, index)
    }

    @inline(__always)
    func subjectChannel(_ e: Event, _ channel: Int32) -> Row<SubjectChannel> {
        let state = rooms.states[e.who]
        let key = KeyedTable<SubjectChannel>.pack(e.who, channel)
        let table = rooms.subjectChannel.rows
        var index = Int(state.pointee.channel)
        if index < 0 || table.row(index)[0] != key {
            index = table.index(key, 0)
            state.pointee.channel = Int32(truncatingIfNeeded: index)
        }
        return Row(table, index)
    }

    /// Customer → company, company → customer, or neither.
    private enum Direction { case inbound, outbound, none }

    private func direction(_ e: Event) -> Direction {
        switch e.type {
        case .contact: e.equals(.direction, "in") ? .inbound : .outbound
        case .pageView, .click, .newsletterClicked, .newsletterComplained, .newsletterSubscribed,
            .newsletterUnsubscribed, .promotionResponded, .profile, .interest, .preference,
            .permissionGranted, .permissionWithdrawn, .order, .complaintOpened, .problemOpened,
            .lead, .serviceStarted, .referral:
            .inbound
        case .feedback: e.equals(.kind, "survey") || e.equals(.kind, "review") ? .inbound : .none
        case .newsletterSent, .promotionShown: .outbound
        default: .none
        }
    }

    @inline(__always)
    func foldDirection(_ e: Event, _ total: Row<SubjectTotal>) {
        switch direction(e) {
        case .inbound:
            total.add(.inN)
            total.high(.lastInMs, e.time)
            subjectDay(e).add(.inN)
            let channel = subjectChannel(e, channel(e))
            channel.add(.inN)
            channel.high(.lastInMs, e.time)
        case .outbound:
            total.add(.outN)
            total.high(.lastOutMs, e.time)
            subjectDay(e).add(.outN)
            let channel = subjectChannel(e, channel(e))
            channel.add(.outN)
            channel.high(.lastOutMs, e.time)
        case .none: break
        }
    }

    func foldContact(_ e: Event) {
        let channel = channel(e)
        subjectChannel(e, channel).add(.seconds, e.integer(.seconds) ?? 0)
        guard e.has(.thread) else { return }
        let thread = rooms.contactThread.row(e.who, word(e, .thread))
        if direction(e) == .inbound {
            thread.add(.inN)
            thread.low(.firstInMs, e.time)
            thread.high(.lastInMs, e.time)
        } else {
            thread.add(.outN)
            thread.low(.firstOutMs, e.time)
            thread.high(.lastOutMs, e.time)
        }
        if thread.isFirst(.firstMs, .firstSeq, e.time, e.seq) {
            thread.set(.channel, Int64(channel))
        }
    }
}
