// Who a line counts for, and whether it may be stored for them.

extension Fold {
    /// Decides `who`, `pair` and `isAnonymised`; executes withdrawals and erasures on the way.
    func attribute(_ e: inout Event) {
        if e.isMachine { return }
        let hasCustomer = e.has(.customer)
        let hasVisitor = e.has(.visitor)
        guard hasCustomer || hasVisitor else {
            e.isAnonymised = e.isRedacted
            return
        }
        let customer = hasCustomer ? customerID(e, .customer) : -1
        // A second name matters only where it could forbid storing or is itself stored.
        let needsVisitor = !hasCustomer || suppression.holdsVisitors || e.type == .identify
            || isControl(e)
        let visitor = hasVisitor && needsVisitor ? visitorID(e) : -1
        var main = hasCustomer ? customer : visitor
        var other = hasCustomer ? visitor : -1
        if isControl(e) {
            main = control(e, main)
            if other >= 0 { other = control(e, other) }
        }
        let isStored = !e.isRedacted && e.type != .forget && isOn(main)
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
        var index = state.trace
        while index >= 0 {
            let entry = rooms.trace.entry(index)
            rooms.siteDay.row(entry.site, entry.day, Int32(entry.type))
                .add(.anonymised, Int64(entry.count))
            rooms.counts.pointee.anonymised &+= Int64(entry.count)
            index = entry.previous
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

    private func customerID(_ e: Event, _ field: Field) -> Int32 {
        let text = e.text(field)
        scratch.storeBytes(of: UInt16(0x2f63), as: UInt16.self)  // "c/"
        (scratch + 2).copyMemory(from: text.baseAddress!, byteCount: text.count)
        return rooms.subjects.intern(scratch, text.count + 2)
    }

    private func visitorID(_ e: Event) -> Int32 {
        let site = e.text(.site)
        let visitor = e.text(.visitor)
        scratch.storeBytes(of: UInt16(0x2f76), as: UInt16.self)  // "v/"
        (scratch + 2).copyMemory(from: site.baseAddress!, byteCount: site.count)
        scratch.storeBytes(of: UInt8(ascii: "/"), toByteOffset: 2 + site.count, as: UInt8.self)
        (scratch + 3 + site.count).copyMemory(
            from: visitor.baseAddress!, byteCount: visitor.count)
        return rooms.subjects.intern(scratch, site.count + visitor.count + 3)
    }
}
