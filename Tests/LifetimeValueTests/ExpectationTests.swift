import LifetimeValue
import Testing

/// What is expected of single customers, against the closed forms of the Python package lifetimes
/// 0.11.3 with SciPy's hypergeometric function, at the published parameters.
@Suite struct ExpectationTests {
    static let buying = BetaGeometric(r: 0.243, alphaDays: 4.414 * 7, a: 0.793, b: 2.426)
    static let spending = GammaGamma(p: 6.25, q: 3.74, gamma: 1_544)

    struct Golden: Sendable {
        var repeats, recency, age: Int
        var mean, alive, in30, in365, value: Double
    }

    static let golden: [Golden] = [
        (0, 0, 189, 0, 1.0, 0.0324876234, 0.3333799267, 3521.897810),
        (1, 2, 263, 3427, 0.1674551536, 0.0208061948, 0.2108825345, 3455.923248),
        (1, 20, 225, 878, 0.2912721463, 0.0414391488, 0.4114379591, 1683.815350),
        (1, 55, 190, 5087, 0.4860316389, 0.0798099323, 0.7738007877, 4609.983315),
        (1, 114, 216, 5048, 0.6119995204, 0.0901662771, 0.8902306974, 4582.869855),
        (1, 174, 238, 5473, 0.6857455899, 0.0929487696, 0.9298779933, 4878.337041),
        (2, 58, 225, 1397, 0.2873735560, 0.0734825568, 0.7081444508, 1779.035433),
        (2, 151, 224, 3424, 0.6696269478, 0.1718797382, 1.6552551480, 3441.601050),
        (3, 44, 224, 1950, 0.0951433830, 0.0352139511, 0.3326501440, 2150.418799),
        (4, 56, 208, 4573, 0.0856598297, 0.0440789800, 0.4056120300, 4469.178082),
        (5, 253, 267, 1747, 0.8629376611, 0.4424300269, 4.2080901126, 1890.077964),
        (29, 264, 266, 2626, 0.9692183999, 2.7619331915, 25.1146197137, 2639.341812),
    ].map {
        Golden(
            repeats: $0.0, recency: $0.1, age: $0.2, mean: $0.3, alive: $0.4, in30: $0.5,
            in365: $0.6, value: $0.7)
    }

    @Test(arguments: golden) func `a customer's outlook is the published one`(_ her: Golden) throws
    {
        let history = try #require(
            PurchaseHistory(repeats: her.repeats, recencyDays: her.recency, ageDays: her.age))
        #expect(abs(Self.buying.alive(history) - her.alive) < 1e-9)
        #expect(abs(Self.buying.purchases(history, days: 30) - her.in30) < 1e-8)
        #expect(abs(Self.buying.purchases(history, days: 365) - her.in365) < 1e-8)
        let value = Self.spending.value(RepeatSpending(repeats: her.repeats, mean: her.mean))
        #expect(abs(try #require(value) - her.value) < 1e-5)
    }

    @Test func `a = 1, where the closed form divides by zero, is like its neighbours`() throws {
        let history = try #require(PurchaseHistory(repeats: 3, recencyDays: 40, ageDays: 60))
        let (below, at, above) = (0.999_999, 1.0, 1.000_001)
        let expected = [below, at, above].map {
            BetaGeometric(r: 0.5, alphaDays: 20, a: $0, b: 2).purchases(history, days: 365)
        }
        #expect(expected[0] > expected[1] && expected[1] > expected[2])
        #expect(expected[0] - expected[2] < 1e-4)
    }

    @Test func `who can't go away buys at her own rate for ever`() throws {
        let history = try #require(PurchaseHistory(repeats: 9, recencyDays: 80, ageDays: 100))
        let model = BetaGeometric(r: 1, alphaDays: 100, a: 1e-12, b: 1e6)
        #expect(abs(model.alive(history) - 1) < 1e-9)
        #expect(abs(model.purchases(history, days: 200) - 10) < 1e-6)
    }

    @Test(arguments: [
        (0, 0, 0), (0, 0, 40_000), (1, 1, 1), (1, 1, 40_000), (20_000, 20_000, 20_000),
        (5_000, 5_000, 40_000),
    ])
    func `extreme histories give sound numbers`(repeats: Int, recency: Int, age: Int) throws {
        let history = try #require(
            PurchaseHistory(repeats: repeats, recencyDays: recency, ageDays: age))
        for model in [
            Self.buying, BetaGeometric(r: 1e-3, alphaDays: 1e-3, a: 1e-3, b: 1e-3),
            BetaGeometric(r: 1e4, alphaDays: 1e5, a: 1e4, b: 1e4),
        ] {
            #expect((0...1).contains(model.alive(history)))
            var before = 0.0
            for days in [1.0, 30, 365, 3_650] {
                let expected = model.purchases(history, days: days)
                #expect(expected.isFinite && expected >= before * (1 - 1e-9))
                before = expected
            }
        }
    }

    @Test func `a spread too wide for a mean has no expected value`() {
        let wild = GammaGamma(p: 0.4, q: 0.5, gamma: 1_000)
        #expect(wild.value(nil) == nil)
        #expect(wild.value(RepeatSpending(repeats: 1, mean: 10)) == nil)
        #expect(wild.value(RepeatSpending(repeats: 9, mean: 10)) != nil)
    }

    @Test(arguments: [
        (-1, 0, 0), (0, 5, 9), (3, 2, 9), (1, 9, 8), (2, 3, -1),
    ])
    func `what no history can be is none`(repeats: Int, recency: Int, age: Int) {
        #expect(PurchaseHistory(repeats: repeats, recencyDays: recency, ageDays: age) == nil)
    }
}
