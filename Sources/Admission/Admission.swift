import ByteScan
package import Engagement

/// The door: each line passes the gates in one fixed order, or is refused with one reason.
///
/// size → framing, UTF-8, JSON → reserved fields → key → site and origin → type → fields → time →
/// permission → agent class. (Back-pressure stands before all of them, where a whole read or
/// request is turned away.) Accepted lines are written into a batch as bytes with their fields
/// found; nothing is allocated for a line that passes.
///
/// One instance belongs to one lane and is not shared between threads.
package final class Admission {
    package enum Verdict {
        case accepted
        case rejected(Rejection)
        /// White space alone: counted by the client's line numbers, stored nowhere.
        case blank
    }

    package struct Step {
        package var verdict: Verdict
        /// Where the next line begins.
        package var next: Int
    }

    /// Lines taken one after the other.
    package struct Run {
        /// How many: accepted and blank ones, and at the end perhaps one that was refused.
        package var lines = 0
        package var hasAccepted = false
        /// Why the last line was refused, if it was.
        package var rejection: Rejection?
        /// Where the last line begins, and where the next one does.
        package var last: Int
        package var next: Int
    }

    private let scanner = JSONScanner(keys: Field.allCases.map { ($0.key, $0.rawValue) })
    private let types = EventTypeTable.shared
    private let fieldGate = FieldGate()
    private let permissionGate: PermissionGate
    private(set) var machineGate: MachineGate
    private(set) var visitors: (any VisitorNaming)?
    /// Lines of machines since the lane last asked.
    package var machines = MachineTally()
    /// Admitted lines since the lane last asked, and whose the last one was.
    package let sites = SiteTally()
    private var maximumLineBytes: Int
    private let reservedLow: UInt64
    private let slotTable: UnsafeMutablePointer<UInt8>
    /// A line's words as scanned, before the gates.
    private let scanned: UnsafeMutablePointer<UInt64>

    /// - Parameters:
    ///   - watch: what the lanes know together; nil: lines are judged by their request alone.
    ///   - visitors: names for browsers that keep none; nil: they stay nameless.
    package init(
        suppression: Suppression, watch: MachineWatch? = nil,
        visitors: (any VisitorNaming)? = nil, maximumLineBytes: Int = Batch.maximumLineBytes
    ) {
        permissionGate = PermissionGate(suppression: suppression)
        machineGate = MachineGate(watch: watch)
        self.visitors = visitors
        self.maximumLineBytes = min(maximumLineBytes, Batch.maximumLineBytes)
        reservedLow = Field.reserved.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
        scanned = .allocate(capacity: FieldSlots.capacity)
        slotTable = .allocate(capacity: FieldSlots.capacity)
        slotTable.initialize(repeating: 0, count: FieldSlots.capacity)
    }

    /// What else may be told at the start, told anew: it holds from the next line on.
    package func adopt(
        watch: MachineWatch?, visitors: (any VisitorNaming)?, maximumLineBytes: Int
    ) {
        machineGate = MachineGate(watch: watch)
        self.visitors = visitors
        self.maximumLineBytes = min(maximumLineBytes, Batch.maximumLineBytes)
    }

    deinit {
        scanned.deallocate()
        slotTable.deallocate()
        sites.deallocate()
        fieldGate.deallocate()
    }

    /// Takes the line that starts at `from` and ends at the first newline or at `limit`.
    ///
    /// - Precondition: the batch is not full.
    package func admit(
        _ source: UnsafePointer<UInt8>, from: Int, limit: Int, door: borrowing Door,
        into batch: Batch
    ) -> Step {
        let grant = door.grant ?? .nothing
        return admit(source, from, limit, door, grant, grant.number, batch)
    }

    /// Takes lines from `from` on, up to the first that is refused, to the one that fills the batch, or
    /// to the limit: what they have in common is asked once.
    ///
    /// - Precondition: the batch is not full; `from` is below `limit`.
    package func admitRun(
        _ source: UnsafePointer<UInt8>, from: Int, limit: Int, door: borrowing Door,
        into batch: Batch
    ) -> Run {
        let grant = door.grant ?? .nothing
        let site = grant.number
        var run = Run(last: from, next: from)
        repeat {
            run.last = run.next
            let step = admit(source, run.last, limit, door, grant, site, batch)
            run.lines &+= 1
            run.next = step.next
            switch step.verdict {
            case .accepted: run.hasAccepted = true
            case .rejected(let rejection):
                run.rejection = rejection
                return run
            case .blank: continue
            }
        } while run.next < limit && !batch.isFull
        return run
    }

    private func admit(
        _ source: UnsafePointer<UInt8>, _ from: Int, _ limit: Int, _ door: borrowing Door,
        _ grant: Grant, _ site: Int, _ batch: Batch
    ) -> Step {
        let start = batch.byteCount
        sites.enter(site)
        let scan = scanner.scan(
            source, from: from, limit: limit, offsetDelta: start &- from &- 1, into: scanned)
        var slots = FieldSlots(
            slots: slotTable, words: batch.words + batch.wordCount, base: batch.bytes)
        defer { slots.end() }
        do throws(Rejection) {
            // A line's newline isn't part of it.
            if scan.next &- from > maximumLineBytes {
                let end = source[scan.next &- 1] == UInt8(ascii: "\n") ? scan.next &- 1 : scan.next
                if end &- from > maximumLineBytes {
                    throw Rejection(.tooLarge, nil, "the line is longer than the limit")
                }
            }
            switch scan.outcome {
            case .object: break
            case .blank: return Step(verdict: .blank, next: scan.next)
            case .invalidUTF8: throw Rejection(.invalidUTF8, nil, "the line isn't UTF-8")
            case .malformed:
                throw Rejection(
                    .malformedJSON, nil, "the line isn't one JSON object with unique keys")
            }
            if scan.seenLow & reservedLow != 0 { throw reserved(scan) }
            guard grant.opensAnything else {
                throw Rejection(.unknownKey, nil, "no known write key was given")
            }
            let length = scan.close &- from
            (batch.bytes + start).copyMemory(from: source + from + 1, byteCount: length)
            try admit(scan, length: length, grant: grant, door: door, slots: &slots, into: batch)
            return Step(verdict: .accepted, next: scan.next)
        } catch {
            return Step(verdict: .rejected(error), next: scan.next)
        }
    }

    @inline(__always)
    private func admit(
        _ scan: Scan, length: Int, grant: Grant, door: borrowing Door, slots: inout FieldSlots,
        into batch: Batch
    ) throws(Rejection) {
        let base = batch.bytes
        var end = batch.byteCount &+ length
        let textIsSound = fill(scan.wordCount, &slots, base, &end)

        let namesSite = scan.saw(.site)
        let site = try checkSite(namesSite, grant, slots, base)
        sites.enter(grant.numbers[site])
        if door.origin != nil { try checkOrigin(door, grant, site) }
        guard let typeWord = slots.word(.type), typeWord.isText,
            let type = types.find(base + typeWord.offset, typeWord.length)
        else { throw Rejection(.unknownType, .type, "is absent or not in the catalogue") }
        slots.type = type
        guard grant.reports.contains(type) else {
            throw Rejection(
                .unknownKey, .type, "isn't taken from a page: send it with the site's secret key")
        }
        if grant.isForPages, scan.saw(.actor) || scan.saw(.actorReason) {
            throw Rejection(
                .unknownKey, .actor, "isn't taken from a page: leave it and its reason out")
        }

        if scan.hasNested {
            throw Rejection(.invalidField, nil, "an event is flat: no objects or arrays")
        }
        guard textIsSound else {
            throw Rejection(.invalidUTF8, nil, "half a surrogate pair is escaped")
        }
        for i in 0..<slots.count {
            let word = FieldWord(bits: slots.words[i])
            try fieldGate.checkShape(word, base + word.offset)
        }
        if scan.hasEscapes { try refuseNUL(slots, base) }
        if !slots.has(.id), scan.saw(.id) {
            throw Rejection(.invalidField, .id, "is empty: leave it out, or give a unique one")
        }
        try fieldGate.checkTogether(slots)

        var offset = batch.byteCount &+ (scan.open &- (scan.close &- length))
        var lineLength = scan.close &- scan.open
        var traits: UInt8 = slots.has(.id) ? 0 : Batch.Traits.madeID.rawValue
        if permissionGate.concerns(type, refusesTracking: door.refusesTracking),
            try permissionGate.mustReduce(
                slots, site: grant.sites[site], refusesTracking: door.refusesTracking)
        {
            offset = end
            lineLength = reduce(scan.wordCount, &slots, base, &end)
            traits |= Batch.Traits.redacted.rawValue
        }
        var claimed = Batch.noTime
        if let word = slots.word(.time) {
            claimed =
                parseTimestamp(
                    (base + word.offset).assumingMemoryBound(to: UInt8.self), word.length)
                ?? Batch.noTime
        }
        let isReduced = traits & Batch.Traits.redacted.rawValue != 0
        let machine = mark(scan, slots, grant, site, door, claimed, isNamed: !isReduced)
        var visitor: [UInt8]?
        if door.via == .http, machine == nil, !isReduced {
            visitor = visitorName(scan, slots, grant, site, door)
        }
        let prefixStart = end
        if !namesSite || machine != nil || visitor != nil {
            var prefix = Prefix(batch, at: end)
            if !namesSite { slots.append(prefix.put(.site, grant.sites[site])) }
            if let machine {
                let words = MachineReason.words[Int(machine.rawValue)]
                slots.append(prefix.put(.actor, words.agent))
                slots.append(prefix.put(.actorReason, words.code))
            }
            if let visitor { slots.append(prefix.put(.visitor, visitor)) }
            end = prefix.end
        }
        sites.add(type)
        batch.append(
            Batch.Line(
                offset: offset, length: lineLength, prefixOffset: prefixStart,
                prefixLength: end &- prefixStart, firstWord: batch.wordCount,
                wordCount: slots.count, type: type, via: door.via,
                traits: Batch.Traits(rawValue: traits), claimedMilliseconds: claimed),
            endingAt: end)
    }

    /// Puts the present fields into the batch's words, unescaped. False when an escape can't be.
    @inline(__always)
    private func fill(
        _ count: Int, _ slots: inout FieldSlots, _ base: UnsafeMutableRawPointer, _ end: inout Int
    ) -> Bool {
        var sound = true
        let scanned = scanned
        for i in 0..<count {
            let word = FieldWord(bits: scanned[i])
            if word.isNull || (word.isText && word.length == 0) { continue }
            if word.isEscaped {
                sound = unescape(word, &slots, base, &end) && sound
            } else {
                slots.append(word)
            }
        }
        return sound
    }

    @inline(never)
    private func unescape(
        _ word: FieldWord, _ slots: inout FieldSlots, _ base: UnsafeMutableRawPointer,
        _ end: inout Int
    ) -> Bool {
        guard
            let n = unescapeJSON(
                (base + word.offset).assumingMemoryBound(to: UInt8.self), word.length,
                into: (base + end).assumingMemoryBound(to: UInt8.self))
        else { return false }
        slots.append(FieldWord(id: word.id, kind: 0, offset: end, length: n))
        end &+= n
        return true
    }

    /// Replaces the line by its reduced form, written at `end`. Gives its length.
    @inline(never)
    private func reduce(
        _ wordCount: Int, _ slots: inout FieldSlots, _ base: UnsafeMutableRawPointer,
        _ end: inout Int
    ) -> Int {
        var count = wordCount
        let type = slots.type
        let length = Redaction.reduce(
            UnsafePointer(base.assumingMemoryBound(to: UInt8.self)), words: scanned, count: &count,
            into: (base + end).assumingMemoryBound(to: UInt8.self), delta: end)
        end &+= length
        slots.end()
        _ = fill(count, &slots, base, &end)
        slots.type = type
        return length
    }

    /// Index in the grant of the site that the line is for.
    @inline(__always)
    private func checkSite(
        _ named: Bool, _ grant: Grant, _ slots: FieldSlots, _ base: UnsafeMutableRawPointer
    ) throws(Rejection) -> Int {
        guard named else {
            guard grant.isForOneSite else {
                throw Rejection(.missingField, .site, "is required: the key opens several sites")
            }
            return 0
        }
        guard let word = slots.word(.site), word.isText else {
            throw Rejection(.invalidField, .site, "must be a non-empty string, or left out")
        }
        guard let index = grant.index(of: base + word.offset, word.length) else {
            throw Rejection(.unknownKey, .site, "isn't covered by the key (or no key was given)")
        }
        return index
    }

    @inline(never)
    private func checkOrigin(
        _ door: borrowing Door, _ grant: Grant, _ site: Int
    ) throws(Rejection) {
        let allowed = grant.origins[site]
        guard let origin = door.origin, !allowed.isEmpty, !allowed.contains(origin) else { return }
        throw Rejection(.forbiddenOrigin, nil, "the page's origin isn't in the site's list")
    }

    @inline(never)
    private func reserved(_ scan: Scan) -> Rejection {
        Rejection(
            .reservedField, Field.reserved.first { scan.saw($0) }, "is the server's own")
    }

    /// Only an escape can put a NUL into text.
    private func refuseNUL(
        _ slots: FieldSlots, _ base: UnsafeMutableRawPointer
    ) throws(Rejection) {
        for i in 0..<slots.count {
            let word = FieldWord(bits: slots.words[i])
            let text = UnsafeRawBufferPointer(start: base + word.offset, count: word.length)
            if word.isText, text.contains(0) {
                throw Rejection(.invalidField, Field(rawValue: word.id), "holds a NUL")
            }
        }
    }
}

extension Scan {
    /// The field's key occurred, whatever its value.
    @inline(__always)
    func saw(_ field: Field) -> Bool {
        saw(field.rawValue)
    }
}
