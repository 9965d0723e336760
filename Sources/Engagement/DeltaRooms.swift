/// Everything that a delta holds rows in: handles alone, so that a copy costs nothing.
package struct DeltaRooms {
    package let words: Interner
    package let subjects: Interner
    package let states = SubjectStates()
    package let trace = Trace()
    /// What the delta adds to the progress; `lastSeq` and `lastReceivedMilliseconds` are absolute.
    let counts: UnsafeMutablePointer<Counts>

    struct Counts {
        var progress = Progress()
        /// Times that the delta was emptied.
        var flushes = 0
    }

    package let siteDay = KeyedTable<SiteDay>()
    package let contentTotal = KeyedTable<ContentTotal>()
    package let issueTotal = KeyedTable<IssueTotal>()
    package let issueLink = KeyedTable<IssueLink>()
    package let promotionTotal = KeyedTable<PromotionTotal>()
    package let activityMoney = KeyedTable<ActivityMoney>()
    package let categoryTotal = KeyedTable<CategoryTotal>()
    package let orders = KeyedTable<Orders>()
    package let refunds = KeyedTable<Refunds>()
    package let cases = KeyedTable<Cases>()

    package let subjectTotal = KeyedTable<SubjectTotal>()
    package let subjectDay = KeyedTable<SubjectDay>()
    package let subjectChannel = KeyedTable<SubjectChannel>()
    package let subjectNewsletter = KeyedTable<SubjectNewsletter>()
    package let issueClick = KeyedTable<IssueClick>()
    package let subjectPromotion = KeyedTable<SubjectPromotion>()
    package let subjectContent = KeyedTable<SubjectContent>()
    package let subjectCustom = KeyedTable<SubjectCustom>()
    package let subjectMoney = KeyedTable<SubjectMoney>()
    package let subjectCategory = KeyedTable<SubjectCategory>()
    package let contactThread = KeyedTable<ContactThread>()
    package let referral = KeyedTable<Referral>()

    package let identityLink = AppendTable<IdentityLink>()
    package let profileHistory = AppendTable<ProfileHistory>()
    package let interestHistory = AppendTable<InterestHistory>()
    package let permissionHistory = AppendTable<PermissionHistory>()
    package let preferenceHistory = AppendTable<PreferenceHistory>()
    package let serviceHistory = AppendTable<ServiceHistory>()
    package let feedback = AppendTable<Feedback>()

    init(key: HashKey) {
        words = Interner(key: key)
        subjects = Interner(key: key)
        counts = .allocate(capacity: 1)
        counts.initialize(to: Counts())
    }

    func deallocate() {
        words.deallocate()
        subjects.deallocate()
        states.deallocate()
        trace.deallocate()
        counts.deallocate()
        for table in tables { table.rows.deallocate() }
    }

    /// Every table, with its shape.
    var tables: [DeltaTable] {
        [
            table(siteDay),
            table(contentTotal),
            table(issueTotal),
            table(issueLink),
            table(promotionTotal),
            table(activityMoney),
            table(categoryTotal),
            table(orders),
            table(refunds),
            table(cases),
            table(subjectTotal),
            table(subjectDay),
            table(subjectChannel),
            table(subjectNewsletter),
            table(issueClick),
            table(subjectPromotion),
            table(subjectContent),
            table(subjectCustom),
            table(subjectMoney),
            table(subjectCategory),
            table(contactThread),
            table(referral),
            table(identityLink),
            table(profileHistory),
            table(interestHistory),
            table(permissionHistory),
            table(preferenceHistory),
            table(serviceHistory),
            table(feedback),
        ]
    }

    private func table<C>(_ table: KeyedTable<C>) -> DeltaTable {
        DeltaTable(shape: TableShape(C.self), rows: table.rows)
    }

    private func table<C>(_ table: AppendTable<C>) -> DeltaTable {
        DeltaTable(shape: TableShape(C.self), rows: table.rows)
    }
}
