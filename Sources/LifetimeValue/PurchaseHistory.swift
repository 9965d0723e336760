/// What a customer's purchases in one currency come to: all that the models look at. Several
/// purchases of a day are one.
package struct PurchaseHistory: Hashable, Sendable {
    /// Days with a purchase, after the first of them.
    package let repeats: Int
    /// Days from the first purchase to the last.
    package let recencyDays: Int
    /// Days from the first purchase to now.
    package let ageDays: Int

    /// - Returns: nil for what no history can be, such as a last purchase in the future.
    package init?(repeats: Int, recencyDays: Int, ageDays: Int) {
        guard repeats >= 0, recencyDays >= repeats, ageDays >= recencyDays,
            repeats > 0 || recencyDays == 0
        else { return nil }
        self.repeats = repeats
        self.recencyDays = recencyDays
        self.ageDays = ageDays
    }
}

/// The spending of somebody who bought again.
package struct RepeatSpending: Hashable, Sendable {
    /// Days with a purchase, after the first of them.
    package let repeats: Int
    /// What such a day brought on average, in minor units.
    package let mean: Double

    /// - Returns: nil where there is nothing to learn: no repetition, or a mean of nothing.
    package init?(repeats: Int, mean: Double) {
        guard repeats > 0, mean > 0, mean.isFinite else { return nil }
        self.repeats = repeats
        self.mean = mean
    }
}
