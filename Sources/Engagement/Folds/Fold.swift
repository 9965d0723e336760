/// The pure function event → counter deltas: one for live roll-up and replay alike.
///
/// Lines come in seq order, deduplicated by (site, id). `seq` decides natural keys and opt-outs,
/// (time, seq) decides registers, all else is a sum, minimum or maximum, so deltas of any cut of
/// the stream merge to the same ledger. Each counter family has a file of its own beside this.
/// Source: schemas/events.md.
package final class Fold {
    package enum Verdict: Sendable {
        case applied
        /// An order or refund whose natural key was taken.
        case duplicate
        /// A control line or one that can't be read: it folds nothing.
        case passed
    }

    package let delta: Delta
    /// The delta's rooms, to reach them without the object around them.
    let rooms: DeltaRooms
    let naturalKeys: any NaturalKeys
    let suppression: Suppression
    /// Word of each field in the line being folded, or 0.
    let slots: UnsafeMutablePointer<UInt64>
    /// A subject's text being put together.
    let scratch: UnsafeMutableRawPointer
    let site: UnsafeMutablePointer<SiteMemo>
    /// Row of `site_day` that each type met last.
    let siteDays: UnsafeMutablePointer<SiteDayMemo>

    /// Hash of the customer of each line looked at ahead; 0: none.
    let hashes: UnsafeMutablePointer<UInt64>
    let warmed: UnsafeMutablePointer<Int32>
    /// Seqs of the lines looked at ahead.
    var warmSeqs: Range<UInt64> = 0..<0

    static let slotCount = 128
    static let scratchBytes = 4 + 100 + 2 * Field.shortTextBytes + 64

    package init(_ stored: StoredState, naturalKeys: any NaturalKeys) {
        delta = Delta(key: stored.hashKey)
        rooms = delta.rooms
        self.naturalKeys = naturalKeys
        suppression = Suppression(key: stored.hashKey, withdrawn: stored.withdrawn)
        slots = .allocate(capacity: Self.slotCount)
        slots.initialize(repeating: 0, count: Self.slotCount)
        scratch = .allocate(byteCount: Self.scratchBytes, alignment: 16)
        site = .allocate(capacity: 1)
        site.initialize(to: SiteMemo())
        hashes = .allocate(capacity: Self.groupLines + 1)
        warmed = .allocate(capacity: Self.groupLines)
        siteDays = .allocate(capacity: 64)
        siteDays.initialize(repeating: SiteDayMemo(), count: 64)
    }

    deinit {
        slots.deallocate()
        scratch.deallocate()
        site.deallocate()
        siteDays.deallocate()
        hashes.deallocate()
        warmed.deallocate()
    }

    /// Folds line `index` of a batch, whose seq is `seq`, into the delta.
    /// - Throws: what the store throws when it is asked for a natural key.
    package func fold(_ batch: Batch, index: Int, seq: UInt64) throws -> Verdict {
        let line = batch.lines + index
        if line.pointee.traits.contains(.unreadable) { return .passed }
        if line.pointee.traits.contains(.control) {
            note(line, seq)
            return .passed
        }
        let words = batch.words + Int(line.pointee.firstWord)
        let wordCount = Int(line.pointee.wordCount)
        for i in 0..<wordCount { slots[Int(words[i] & 0x7f)] = words[i] }
        defer { for i in 0..<wordCount { slots[Int(words[i] & 0x7f)] = 0 } }
        var event = Event(batch.bytes, line, seq, slots)
        event.site = siteID(event)
        let isTaken = try isTaken(event)
        note(line, seq)
        let counts = rooms.counts
        if isTaken {
            counts.pointee.progress.duplicates &+= 1
            return .duplicate
        }
        let isWarm = warmSeqs.contains(seq)
        attribute(&event, customerHash: isWarm ? hashes[Int(seq &- warmSeqs.lowerBound)] : 0)
        counts.pointee.progress.applied &+= 1
        if event.isAnonymised { counts.pointee.progress.anonymised &+= 1 }
        countTotals(event)
        if event.who >= 0 { countSubject(event) }
        return .applied
    }

    /// A line whose only use is its seq, dropped by (site, id).
    package func drop(_ batch: Batch, index: Int, seq: UInt64) {
        note(batch.lines + index, seq)
        delta.drop(seq: seq)
        if batch.lines[index].type == .forget { repeated(Record(batch: batch, index: index)) }
    }

    /// A `forget` that was sent twice forgets nothing again, but its line names her.
    private func repeated(_ record: Record) {
        let site = record.first(.site).map { Array(record.bytes($0)) } ?? []
        if let customer = record.first(.customer) {
            delta.repeatedForgets.append(
                (Array("c/".utf8) + record.bytes(customer), record.seq))
        }
        if let visitor = record.first(.visitor) {
            delta.repeatedForgets.append(
                (Array("v/".utf8) + site + Array("/".utf8) + record.bytes(visitor), record.seq))
        }
    }

    @inline(__always)
    private func note(_ line: UnsafePointer<Batch.Line>, _ seq: UInt64) {
        let counts = rooms.counts
        counts.pointee.progress.lastSeq = max(counts.pointee.progress.lastSeq, seq)
        counts.pointee.progress.lastReceivedMilliseconds = max(
            counts.pointee.progress.lastReceivedMilliseconds, line.pointee.receivedMilliseconds)
    }

    @inline(__always)
    private func siteDay(_ e: Event) -> Row<SiteDay> {
        let memo = siteDays + Int(e.type.rawValue)
        let key = KeyedTable<SiteDay>.pack(e.site, e.day)
        let rows = rooms.siteDay.rows
        // After a flush the row number may be another's, or nobody's.
        if memo.pointee.key != key || memo.pointee.flush != rooms.counts.pointee.flushes {
            memo.pointee = SiteDayMemo(
                key: key, flush: rooms.counts.pointee.flushes,
                index: rows.index(key, KeyedTable<SiteDay>.pack(Word.type(e.type), 0)))
        }
        return Row(rows, memo.pointee.index)
    }

    /// Totals that name nobody.
    private func countTotals(_ e: Event) {
        let day = siteDay(e)
        day.add(e.isMachine ? .machine : .human)
        if e.isAnonymised { day.add(.anonymised) }
        switch e.type {
        case .pageView: foldContentTotals(e)
        case .newsletterSent, .newsletterDelivered, .newsletterOpened, .newsletterClicked,
            .newsletterBounced, .newsletterComplained, .newsletterUnsubscribed:
            foldIssueTotals(e)
        case .promotionShown, .promotionResponded: foldPromotionTotals(e)
        case .order: foldOrderTotals(e)
        case .spend: foldSpend(e)
        case .orderItem: foldItemTotals(e)
        case .refund: foldRefundTotals(e)
        case .complaintOpened, .complaintResolved, .problemOpened, .problemClosed: foldCase(e)
        case .feedback: foldFeedback(e)
        default: break
        }
    }

    /// Counters of the subject `e.who`.
    private func countSubject(_ e: Event) {
        let total = touch(e)
        foldDirection(e, total)
        switch e.type {
        case .pageView: foldPageView(e, total)
        case .click:
            total.add(.clicks)
            subjectDay(e).add(.clicks)
        case .newsletterSent, .newsletterDelivered, .newsletterOpened, .newsletterClicked,
            .newsletterBounced, .newsletterComplained, .newsletterSubscribed,
            .newsletterUnsubscribed:
            foldNewsletter(e, total)
        case .promotionShown, .promotionResponded: foldPromotion(e, total)
        case .identify, .alias: foldLink(e)
        case .profile: foldProfile(e, total)
        case .interest: foldInterest(e, total)
        case .preference: foldPreference(e, total)
        case .permissionGranted, .permissionWithdrawn: foldPermission(e, total)
        case .order: foldOrder(e, total)
        case .orderItem: foldItem(e)
        case .refund: foldRefund(e, total)
        case .contact: foldContact(e)
        case .complaintOpened: total.add(.complaints)
        case .problemOpened: total.add(.problems)
        case .feedback: foldScores(e, total)
        case .lead:
            total.add(.leads)
            total.low(.firstLeadMs, e.time)
        case .serviceStarted, .serviceEnded: foldService(e, total)
        case .referral: foldReferral(e)
        case .custom: foldCustom(e)
        case .complaintResolved, .problemClosed, .spend, .forget: break
        }
    }
}
