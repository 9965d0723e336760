import LifetimeValue
import Testing

@Suite struct LifetimeModelTests {
    static func history(_ repeats: Int, _ recency: Int, _ age: Int) -> PurchaseHistory {
        PurchaseHistory(repeats: repeats, recencyDays: recency, ageDays: age)!
    }

    @Test func `money that comes later is worth less`() throws {
        let model = try LifetimeModel(CDNOW.histories(), CDNOW.spendings())
        let her = Self.history(5, 253, 267)
        let plain = model.discountedPurchases(her, days: 365, .init())
        let tenth = model.discountedPurchases(her, days: 365, .init(discountRate: 0.1))
        // Between a year's discount for all of it and none.
        #expect(tenth < plain && tenth > plain / 1.1)
        let month = model.discountedPurchases(her, days: 30, .init(discountRate: 0.1))
        #expect(abs(month - model.buying.model.purchases(her, days: 30) / 1.007_864_6) < 1e-6)
    }

    @Test func `too few customers are refused, and told so`() {
        let few = [Self.history(1, 5, 9): 29]
        #expect(throws: Refusal.tooFewCustomers(29)) { try LifetimeModel(few, [:]) }
        #expect("\(Refusal.tooFewCustomers(29))" == "29 with an order; a fit needs 30 or more")
        #expect(throws: Refusal.tooFewCustomers(0)) { try LifetimeModel([:], [:]) }
    }

    @Test func `customers who never came back are refused, and told so`() {
        let once = [Self.history(0, 0, 90): 1_000, Self.history(1, 9, 90): 9]
        #expect(throws: Refusal.tooFewRepeatBuyers(9)) { try LifetimeModel(once, [:]) }
        let reason = "9 bought on a second day; a fit needs 10 or more"
        #expect("\(Refusal.tooFewRepeatBuyers(9))" == reason)
    }

    @Test func `free orders leave purchases without money`() throws {
        let model = try LifetimeModel(CDNOW.histories(), [:])
        #expect(model.meanValue(nil) == nil)
        #expect(RepeatSpending(repeats: 3, mean: 0) == nil)
        #expect(model.correlation == nil)
    }

    /// Such data leave a parameter undetermined: the likelihood rises towards the end of its range.
    @Test(arguments: [
        ("all alike", [history(3, 60, 90): 200]),
        ("daily, and never gone", [history(90, 90, 90): 50, history(30, 30, 30): 50]),
        ("all gone after the second purchase", [history(1, 1, 400): 100, history(0, 0, 400): 5]),
        ("all new", [history(1, 1, 1): 40, history(0, 0, 0): 40]),
        (
            "one who buys daily among many who don't",
            [history(0, 0, 700): 5_000, history(600, 700, 700): 10]
        ),
    ])
    func `customers much alike still give sound numbers`(
        name: String, histories: [PurchaseHistory: Int]
    ) throws {
        let spendings = Dictionary(
            uniqueKeysWithValues: histories.compactMap { history, number in
                RepeatSpending(repeats: history.repeats, mean: 999).map { ($0, number) }
            })
        let model = try LifetimeModel(histories, spendings)
        #expect(model.buying.logLikelihood.isFinite)
        for history in histories.keys {
            #expect((0...1).contains(model.buying.model.alive(history)))
            let expected = model.buying.model.purchases(history, days: 365)
            #expect(expected.isFinite && expected >= 0, "\(name): \(model.buying)")
            // Everybody paid 9.99 each time: so it is expected to go on.
            let spent = RepeatSpending(repeats: history.repeats, mean: 999)
            let mean = try #require(model.meanValue(spent))
            #expect(abs(mean - 999) < 5, "\(name): \(model.spending)")
        }
    }
}
