import Glibc

/// Buying and spending in one currency, fitted together.
package struct LifetimeModel: Sendable {
    package let buying: Fit<BetaGeometric>
    /// Or why there is none: then purchases are expected, but no money.
    package let spending: Result<Fit<GammaGamma>, Refusal>
    /// Pearson's r of repeat purchases and mean value: the models take them as independent, which
    /// holds well enough within ±0.3. nil where either doesn't vary.
    package let correlation: Double?

    package init(
        _ histories: [PurchaseHistory: Int], _ spendings: [RepeatSpending: Int]
    ) throws(Refusal) {
        buying = try BetaGeometric.fit(histories)
        spending = Result { () throws(Refusal) in try GammaGamma.fit(spendings) }
        correlation = Self.correlation(spendings)
    }

    /// How future money is counted.
    package struct Terms: Sendable {
        /// The part of a purchase's value that is gain: 1 counts revenue.
        package var margin = 1.0
        /// What money loses of its worth in a year: 0.1 for a tenth.
        package var discountRate = 0.0

        package init(margin: Double = 1, discountRate: Double = 0) {
            self.margin = margin
            self.discountRate = discountRate
        }
    }

    /// What one purchase of the customer is expected to be worth, in minor units.
    package func meanValue(_ spending: RepeatSpending?) -> Double? {
        guard case .success(let fit) = self.spending else { return nil }
        return fit.model.value(spending)
    }

    /// Expected purchases, each counted by what it is worth today; in steps of thirty days, at the
    /// end of which it is taken to happen.
    package func discountedPurchases(
        _ history: PurchaseHistory, days: Int, _ terms: Terms
    ) -> Double {
        guard terms.discountRate > 0 else {
            return buying.model.purchases(history, days: Double(days))
        }
        var (sum, before) = (0.0, 0.0)
        for end in sequence(first: min(30, days), next: { $0 < days ? min($0 + 30, days) : nil }) {
            let expected = buying.model.purchases(history, days: Double(end))
            sum += (expected - before) * pow(1 + terms.discountRate, -Double(end) / 365)
            before = expected
        }
        return sum
    }

    private static func correlation(_ spendings: [RepeatSpending: Int]) -> Double? {
        let n = Double(spendings.values.reduce(0, +))
        guard n > 1 else { return nil }
        func mean(_ of: (RepeatSpending) -> Double) -> Double {
            spendings.reduce(0) { $0 + of($1.key) * Double($1.value) } / n
        }
        let (x, z) = (mean { Double($0.repeats) }, mean { $0.mean })
        let covariance = mean { (Double($0.repeats) - x) * ($0.mean - z) }
        let spread =
            mean { (Double($0.repeats) - x) * (Double($0.repeats) - x) }
            * mean { ($0.mean - z) * ($0.mean - z) }
        return spread > 0 ? covariance / spread.squareRoot() : nil
    }
}
