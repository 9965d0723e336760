// Newsletters: issues, links, and each subject's standing with a list.

extension Fold {
    func foldIssueTotals(_ e: Event) {
        guard e.has(.newsletter), e.has(.issue) else { return }
        let newsletter = word(e, .newsletter)
        let issue = word(e, .issue)
        let total = rooms.issueTotal.row(newsletter, issue)
        switch e.type {
        case .newsletterSent: total.add(.sent)
        case .newsletterDelivered: total.add(.delivered)
        case .newsletterOpened: total.add(e.isMachine ? .openedMachine : .opened)
        case .newsletterClicked:
            total.add(e.isMachine ? .clickedMachine : .clicked)
            guard e.has(.link) else { return }
            rooms.issueLink.row(newsletter, issue, word(e, .link))
                .add(e.isMachine ? .clickedMachine : .clicked)
        case .newsletterBounced: total.add(.bounced)
        case .newsletterComplained: total.add(.complained)
        case .newsletterUnsubscribed: total.add(.unsubscribed)
        default: break
        }
    }

    func foldNewsletter(_ e: Event, _ total: Row<SubjectTotal>) {
        let newsletter = word(e, .newsletter)
        let list = rooms.subjectNewsletter.row(e.who, newsletter)
        switch e.type {
        case .newsletterSent:
            total.add(.newsletterSent)
            list.add(.sent)
        case .newsletterDelivered: list.add(.delivered)
        case .newsletterOpened:
            total.add(.newsletterOpened)
            list.add(.opened)
        case .newsletterClicked:
            total.add(.newsletterClicked)
            list.add(.clicked)
            list.high(.lastClickMs, e.time)
            subjectDay(e).add(.newsletterClicked)
            let click = rooms.issueClick.row(newsletter, word(e, .issue), word(e, .link), e.who)
            click.add(.n)
            click.low(.firstMs, e.time)
            click.high(.lastMs, e.time)
        case .newsletterBounced: list.add(.bounced)
        case .newsletterComplained:
            list.add(.complained)
            setState(.unsubscribed, list, e)
        case .newsletterSubscribed: setState(.subscribed, list, e)
        case .newsletterUnsubscribed: setState(.unsubscribed, list, e)
        default: break
        }
    }

    private func setState(_ state: Word, _ list: Row<SubjectNewsletter>, _ e: Event) {
        if list.isLast(.stateMs, .stateSeq, e.time, e.seq) {
            list.set(.state, Int64(state.rawValue))
        }
    }
}
