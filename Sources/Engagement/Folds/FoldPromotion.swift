// Promotions shown and answered; what marketing activities cost.

extension Fold {
    func foldPromotionTotals(_ e: Event) {
        guard e.has(.promotion) else { return }
        let total = rooms.promotionTotal.row(word(e, .promotion), channel(e))
        if e.type == .promotionShown {
            total.add(e.isMachine ? .shownMachine : .shown)
        } else {
            total.add(e.isMachine ? .respondedMachine : .responded)
        }
    }

    func foldPromotion(_ e: Event, _ total: Row<SubjectTotal>) {
        let promotion = rooms.subjectPromotion.row(e.who, word(e, .promotion))
        if e.type == .promotionShown {
            total.add(.promotionShown)
            promotion.add(.shown)
            promotion.low(.firstShownMs, e.time)
        } else {
            total.add(.promotionResponded)
            promotion.add(.responded)
            promotion.low(.firstResponseMs, e.time)
            subjectDay(e).add(.promotionResponded)
        }
    }

    /// Kinds of marketing activity, in the order in which a `spend` is charged.
    static let activities: [(Field, Word)] = [
        (.campaign, .campaign), (.promotion, .promotion), (.newsletter, .newsletter),
    ]

    func foldSpend(_ e: Event) {
        guard let amount = e.integer(.amount), e.has(.currency) else { return }
        for (field, kind) in Self.activities where e.has(field) {
            rooms.activityMoney.row(kind.rawValue, word(e, field), word(e, .currency))
                .add(.spend, amount)
            return
        }
    }
}
