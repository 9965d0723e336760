/// Customers' lifetime value as rows: each currency is a market of its own.
package struct LifetimeTable: Sendable {
    /// Somebody who bought, as the ledger's view clv_input has her.
    package struct Buyer: Sendable {
        package let person: String
        package let history: PurchaseHistory
        /// What a purchase day after the first brought on average, in minor units.
        package let mean: Double?

        package init(person: String, history: PurchaseHistory, mean: Double?) {
            self.person = person
            self.history = history
            self.mean = mean
        }

        package var spending: RepeatSpending? {
            mean.flatMap { RepeatSpending(repeats: history.repeats, mean: $0) }
        }
    }

    /// What is expected of her.
    package struct Outlook: Sendable {
        package let alive: Double
        /// What her next purchase is worth, in minor units.
        package let meanValue: Double?
        /// For each horizon.
        package let purchases: [Double]
        package let values: [Double?]
    }

    /// The customers of one currency, and the models if they can be fitted.
    package struct Market: Sendable {
        package let currency: String
        package let buyers: [Buyer]
        package let model: Result<LifetimeModel, Refusal>
    }

    /// In days ahead.
    package let horizons: [Int]
    package let terms: LifetimeModel.Terms
    package let markets: [Market]

    package init(
        _ buyers: [String: [Buyer]], horizons: [Int], terms: LifetimeModel.Terms
    ) {
        self.horizons = horizons
        self.terms = terms
        markets = buyers.sorted { $0.key < $1.key }.map { currency, buyers in
            var histories: [PurchaseHistory: Int] = [:]
            var spendings: [RepeatSpending: Int] = [:]
            for buyer in buyers {
                histories[buyer.history, default: 0] += 1
                if let spending = buyer.spending { spendings[spending, default: 0] += 1 }
            }
            return Market(
                currency: currency, buyers: buyers,
                model: Result { () throws(Refusal) in try LifetimeModel(histories, spendings) })
        }
    }

    /// Calls `body` for every buyer of a market that was fitted. Those alike in their histories are
    /// worked out once.
    package func forEach(
        _ market: Market, _ body: (Buyer, Outlook) throws -> Void
    ) rethrows {
        guard case .success(let model) = market.model else { return }
        struct Expected {
            var alive: Double
            var purchases: [Double]
            var discounted: [Double]
        }
        var known: [PurchaseHistory: Expected] = [:]
        for buyer in market.buyers {
            let history = buyer.history
            let expected: Expected
            if let found = known[history] {
                expected = found
            } else {
                let purchases = horizons.map {
                    model.buying.model.purchases(history, days: Double($0))
                }
                expected = Expected(
                    alive: model.buying.model.alive(history), purchases: purchases,
                    discounted: terms.discountRate == 0
                        ? purchases
                        : horizons.map { model.discountedPurchases(history, days: $0, terms) })
                known[history] = expected
            }
            let mean = model.meanValue(buyer.spending)
            try body(
                buyer,
                Outlook(
                    alive: expected.alive, meanValue: mean, purchases: expected.purchases,
                    values: expected.discounted.map { discounted in
                        mean.map { $0 * terms.margin * discounted }
                    }))
        }
    }
}
