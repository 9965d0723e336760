// Who a line counts for, and whether it may be stored for them.

extension Fold {
    /// Decides `who`, `pair` and `isAnonymised`; executes withdrawals and erasures on the way.
    /// - Parameter customerHash: 0: not known.
    func attribute(_ e: inout Event, customerHash: UInt64) {
        if e.isMachine { return }
        let hasCustomer = e.has(.customer)
        let hasVisitor = e.has(.visitor)
        guard hasCustomer || hasVisitor else {
            e.isAnonymised = e.isRedacted
            return
        }
        let customer = hasCustomer ? customerID(e, .customer, customerHash) : -1
        // A second name matters only where it could forbid storing or is itself stored.
        let needsVisitor =
            !hasCustomer || suppression.holdsVisitors || e.type == .identify
            || isControl(e)
        let visitor = hasVisitor && needsVisitor ? visitorID(e) : -1
        var main = hasCustomer ? customer : visitor
        var other = hasCustomer ? visitor : -1
        if isControl(e) {
            main = control(e, main)
            if other >= 0 { other = control(e, other) }
        }
        let isStored =
            !e.isRedacted && e.type != .forget && isOn(main)
            && (other < 0 || isOn(other))
        e.isAnonymised = !isStored
        guard isStored else { return }
        e.who = main
        switch e.type {
        case .identify: e.pair = other
        case .alias: e.pair = e.has(.into) ? customerID(e, .into) : -1
        case .referral: e.pair = e.has(.referred) ? customerID(e, .referred) : -1
        default: return
        }
        // The name of an erased partner is gone; of one who withdrew, it isn't stored.
        if e.pair >= 0, e.has(.erased) || !isOn(e.pair) { e.pair = -1 }
    }

    private func isControl(_ e: Event) -> Bool {
        switch e.type {
        case .forget: true
        case .permissionGranted, .permissionWithdrawn: e.equals(.purpose, "tracking")
        default: false
        }
    }

    /// Applies a control event to one subject; returns the id under which it goes on.
    private func control(_ e: Event, _ subject: Int32) -> Int32 {
        var subject = subject
        let state: Delta.Control.State =
            e.type == .forget ? .forgotten : e.type == .permissionGranted ? .on : .off
        if state != .on { subject = purge(subject) }
        _ = isOn(subject)
        if state == .off {
            rooms.states[subject].pointee.flags.insert(.off)
        } else {
            rooms.states[subject].pointee.flags.remove(.off)
        }
        suppression.set(rooms.subjects.bytes(subject), isOff: state == .off)
        delta.controls.append(.init(subject: subject, state: state, seq: UInt64(e.seq)))
        return subject
    }

    /// Takes the subject out of this delta and orders its removal from the ledger.
    private func purge(_ subject: Int32) -> Int32 {
        delta.purges.append(subject)
        let state = rooms.states[subject].pointee
        guard state.flags.contains(.inDelta) else { return subject }
        rooms.trace.each(state.trace) { entry in
            rooms.siteDay.row(entry.site, entry.day, Int32(entry.type))
                .add(.anonymised, Int64(entry.count))
            rooms.counts.pointee.progress.anonymised &+= Int64(entry.count)
        }
        rooms.states[subject].pointee.flags.insert(.dead)
        return rooms.subjects.renew(subject)
    }

    func isOn(_ subject: Int32) -> Bool {
        let state = rooms.states[subject]
        if !state.pointee.flags.contains(.known) {
            state.pointee.flags.insert(.known)
            if suppression.isOff(rooms.subjects.bytes(subject)) {
                state.pointee.flags.insert(.off)
            }
        }
        return !state.pointee.flags.contains(.off)
    }

    @inline(__always)
    private func customerID(_ e: Event, _ field: Field, _ known: UInt64 = 0) -> Int32 {
        let text = e.text(field)
        let hash =
            known != 0
            ? known
            : rooms.subjects.subjectHash(Interner.customer, text.baseAddress!, text.count)
        return rooms.subjects.intern(Interner.customer, text.baseAddress!, text.count, hash)
    }

    private func visitorID(_ e: Event) -> Int32 {
        let site = e.text(.site)
        let visitor = e.text(.visitor)
        copyShort(site, scratch)
        scratch.storeBytes(of: UInt8(ascii: "/"), toByteOffset: site.count, as: UInt8.self)
        copyShort(visitor, scratch + site.count + 1)
        let count = site.count + visitor.count + 1
        return rooms.subjects.intern(
            Interner.visitor, scratch, count,
            rooms.subjects.subjectHash(Interner.visitor, scratch, count))
    }

    /// Copies a field in pieces of 16 bytes: a batch has 64 bytes of slack behind its last, and so
    /// has the scratch.
    @inline(__always)
    private func copyShort(_ text: UnsafeRawBufferPointer, _ to: UnsafeMutableRawPointer) {
        var i = 0
        while i < text.count {
            to.storeBytes(
                of: text.baseAddress!.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self),
                toByteOffset: i, as: SIMD16<UInt8>.self)
            i &+= 16
        }
    }
}
