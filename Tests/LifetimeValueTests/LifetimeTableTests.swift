import LifetimeValue
import Testing

@Suite struct LifetimeTableTests {
    typealias Buyer = LifetimeTable.Buyer

    static func sample() throws -> [Buyer] {
        var buyers: [Buyer] = []
        for (number, row) in try CDNOW.rows().enumerated() {
            let history = try #require(
                PurchaseHistory(repeats: row[0], recencyDays: row[1], ageDays: row[2]))
            buyers.append(Buyer(person: "c/\(number)", history: history, mean: Double(row[3])))
        }
        return buyers
    }

    @Test func `everybody has an outlook, and value is purchases times their worth`() throws {
        let buyers = try Self.sample()
        let table = LifetimeTable(
            ["USD": buyers], horizons: [30, 365], terms: .init(margin: 0.4))
        var people: [String] = []
        table.forEach(table.markets[0]) { buyer, outlook in
            people.append(buyer.person)
            #expect((0...1).contains(outlook.alive))
            #expect(outlook.purchases[0] < outlook.purchases[1])
            for (purchases, value) in zip(outlook.purchases, outlook.values) {
                let expected = (outlook.meanValue ?? .nan) * 0.4 * purchases
                #expect(abs((value ?? .nan) - expected) < 1e-9)
            }
        }
        #expect(people == buyers.map(\.person))
    }

    @Test func `currencies are markets of their own`() throws {
        let buyers = try Self.sample()
        let alone = LifetimeTable(["USD": buyers], horizons: [365], terms: .init())
        let both = LifetimeTable(
            ["USD": buyers, "JPY": Array(buyers.prefix(40)), "EUR": Array(buyers.prefix(29))],
            horizons: [365], terms: .init())
        #expect(both.markets.map(\.currency) == ["EUR", "JPY", "USD"])
        #expect(throws: Refusal.tooFewCustomers(29)) { try both.markets[0].model.get() }
        let (one, other) = try (alone.markets[0].model.get(), both.markets[2].model.get())
        #expect(one.buying == other.buying)
        var refused = 0
        both.forEach(both.markets[0]) { _, _ in refused += 1 }
        #expect(refused == 0)
    }
}
