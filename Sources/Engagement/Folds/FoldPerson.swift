// What customers tell of themselves, and who is who.

extension Fold {
    func foldProfile(_ e: Event, _ total: Row<SubjectTotal>) {
        total.add(.disclosures)
        for field in Field.profile where e.has(field) {
            let (key, row) = rooms.profileHistory.add()
            key[0] = Int64(e.who)
            key[1] = Int64(rooms.words.intern(field.key))
            key[2] = e.time
            key[3] = e.seq
            row.set(.value, value(e, field))
        }
    }

    func foldInterest(_ e: Event, _ total: Row<SubjectTotal>) {
        total.add(.disclosures)
        let (key, row) = rooms.interestHistory.add()
        key[0] = Int64(e.who)
        key[1] = Int64(word(e, .interest))
        key[2] = e.time
        key[3] = e.seq
        row.set(.stance, value(e, .stance))
    }

    func foldPreference(_ e: Event, _ total: Row<SubjectTotal>) {
        total.add(.disclosures)
        let (key, row) = rooms.preferenceHistory.add()
        key[0] = Int64(e.who)
        key[1] = Int64(word(e, .kind))
        key[2] = Int64(channel(e))
        key[3] = Int64(word(e, .topic, or: .any))
        key[4] = Int64(word(e, .context, or: .any))
        key[5] = e.time
        key[6] = e.seq
        row.set(.stance, value(e, .stance))
        row.set(.frequency, value(e, .frequency))
        row.set(.maxPer30d, e.integer(.maxPer30d) ?? Delta.null)
        row.set(.hours, value(e, .hours))
    }

    func foldPermission(_ e: Event, _ total: Row<SubjectTotal>) {
        let isGranted = e.type == .permissionGranted
        if isGranted { total.add(.grants) }
        let (key, row) = rooms.permissionHistory.add()
        key[0] = Int64(e.who)
        key[1] = Int64(e.has(.purpose) ? word(e, .purpose) : Word.type(.contact))
        key[2] = Int64(word(e, .channel, or: .any))
        key[3] = Int64(word(e, .topic, or: .any))
        key[4] = e.time
        key[5] = e.seq
        row.set(.state, Int64((isGranted ? Word.granted : .withdrawn).rawValue))
        row.set(.source, value(e, .source))
    }

    func foldService(_ e: Event, _ total: Row<SubjectTotal>) {
        let isStart = e.type == .serviceStarted
        let (key, row) = rooms.serviceHistory.add()
        key[0] = Int64(e.who)
        key[1] = Int64(word(e, .service))
        key[2] = e.time
        key[3] = e.seq
        row.set(.state, Int64((isStart ? Word.started : .ended).rawValue))
        row.set(.plan, value(e, .plan))
        guard isStart else { return }
        total.add(.services)
        if e.equals(.plan, "trial") {
            total.add(.trials)
            total.low(.firstTrialMs, e.time)
        }
    }

    /// Visitor → customer (identify) or customer → customer (alias).
    func foldLink(_ e: Event) {
        guard e.pair >= 0, e.pair != e.who else { return }
        rooms.states.touch(e.pair, rooms.states[e.pair])
        let (key, row) = rooms.identityLink.add()
        let isIdentify = e.type == .identify
        key[0] = Int64(isIdentify ? e.pair : e.who)
        key[1] = e.time
        key[2] = e.seq
        row.set(.target, Int64(isIdentify ? e.who : e.pair))
    }

    func foldReferral(_ e: Event) {
        guard e.pair >= 0, e.pair != e.who else { return }
        rooms.states.touch(e.pair, rooms.states[e.pair])
        let referral = rooms.referral.row(e.who, e.pair)
        referral.add(.n)
        referral.low(.firstMs, e.time)
    }
}
