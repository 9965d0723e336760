// Buying: orders, items, refunds. Money is integer minor units beside its currency.

extension Fold {
    /// Whether the line repeats an order or refund of the same site: the first by seq stands.
    func isTaken(_ e: Event) throws -> Bool {
        switch e.type {
        case .order:
            guard e.has(.order) else { return false }
            return try rooms.orders.contains(e.site, word(e, .order))
                || naturalKeys.contains(.order, site: e.text(.site), key: e.text(.order))
        case .refund:
            guard e.has(.refund) else { return false }
            return try rooms.refunds.contains(e.site, word(e, .refund))
                || naturalKeys.contains(.refund, site: e.text(.site), key: e.text(.refund))
        default: return false
        }
    }

    func foldOrderTotals(_ e: Event) {
        guard e.has(.order), e.has(.currency), let amount = e.integer(.amount) else { return }
        let channel = channel(e)
        let currency = word(e, .currency)
        if e.has(.promotion) {
            rooms.promotionTotal.row(word(e, .promotion), channel).add(.orders)
        }
        for (field, kind) in Self.activities where e.has(field) {
            let money = rooms.activityMoney.row(kind.rawValue, word(e, field), currency)
            money.add(.orders)
            money.add(.revenue, amount)
        }
        let row = rooms.orders.row(e.site, word(e, .order))
        row.set(.seq, e.seq)
        row.set(.subject, Int64(e.who))
        row.set(.timeMs, e.time)
        row.set(.channel, Int64(channel))
        row.set(.currency, Int64(currency))
        row.set(.amount, amount)
        row.set(.campaign, value(e, .campaign))
        row.set(.promotion, value(e, .promotion))
        row.set(.newsletter, value(e, .newsletter))
        row.set(.issue, value(e, .issue))
    }

    /// Days in the least-squares sums count from 2020-01-01.
    static let trendDay: Int64 = 18_262

    func foldOrder(_ e: Event, _ total: Row<SubjectTotal>) {
        total.add(.orders)
        total.low(.firstOrderMs, e.time)
        total.high(.lastOrderMs, e.time)
        subjectDay(e).add(.orders)
        let channel = subjectChannel(e, channel(e))
        channel.add(.orders)
        channel.high(.lastOrderMs, e.time)
        let amount = e.integer(.amount) ?? 0
        let x = Int64(e.day) - Self.trendDay
        let money = rooms.subjectMoney.row(e.who, word(e, .currency))
        money.add(.orders)
        money.add(.revenue, amount)
        money.add(.sumDay, x)
        money.add(.sumDay2, x &* x)
        money.add(.sumDayAmount, x &* amount)
        if e.has(.promotion) {
            rooms.subjectPromotion.row(e.who, word(e, .promotion)).add(.orders)
        }
    }

    func foldItemTotals(_ e: Event) {
        guard e.has(.category), e.has(.currency), let amount = e.integer(.amount) else { return }
        let total = rooms.categoryTotal.row(word(e, .category), word(e, .currency))
        total.add(.items)
        total.add(.quantity, e.integer(.quantity) ?? 1)
        total.add(.amount, amount)
    }

    func foldItem(_ e: Event) {
        let category = rooms.subjectCategory.row(e.who, word(e, .category))
        category.add(.items)
        category.add(.quantity, e.integer(.quantity) ?? 1)
        category.low(.firstMs, e.time)
        category.high(.lastMs, e.time)
    }

    func foldRefundTotals(_ e: Event) {
        guard e.has(.refund), e.has(.order), e.has(.currency), let amount = e.integer(.amount)
        else { return }
        let row = rooms.refunds.row(e.site, word(e, .refund))
        row.set(.seq, e.seq)
        row.set(.orderId, Int64(word(e, .order)))
        row.set(.subject, Int64(e.who))
        row.set(.timeMs, e.time)
        row.set(.currency, Int64(word(e, .currency)))
        row.set(.amount, amount)
    }

    func foldRefund(_ e: Event, _ total: Row<SubjectTotal>) {
        total.add(.refunds)
        let money = rooms.subjectMoney.row(e.who, word(e, .currency))
        money.add(.refunds)
        money.add(.refunded, e.integer(.amount) ?? 0)
    }
}
