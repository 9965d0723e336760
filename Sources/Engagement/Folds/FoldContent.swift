// Pages and what was read on them; custom events.

extension Fold {
    func foldContentTotals(_ e: Event) {
        guard e.has(.contentKind) else { return }
        rooms.contentTotal.row(e.site, word(e, .contentKind), word(e, .content, or: .empty))
            .add(e.isMachine ? .viewsMachine : .views)
    }

    @inline(__always)
    func foldPageView(_ e: Event, _ total: Row<SubjectTotal>) {
        total.add(.pageViews)
        let day = subjectDay(e)
        day.add(.pageViews)
        guard e.has(.contentKind) else { return }
        total.add(.contentViews)
        if e.equals(.contentKind, "self_help") {
            total.add(.articleViews)
            day.add(.articleViews)
        }
        let content = rooms.subjectContent.row(
            e.who, word(e, .contentKind), word(e, .content, or: .empty))
        content.add(.n)
        content.low(.firstMs, e.time)
        content.high(.lastMs, e.time)
    }

    func foldCustom(_ e: Event) {
        let custom = rooms.subjectCustom.row(e.who, word(e, .name))
        custom.add(.n)
        custom.low(.firstMs, e.time)
        custom.high(.lastMs, e.time)
    }
}
