import Glibc
import LifetimeValue
import TestSupport
import Testing

/// Customers made up after the models' own story, of whom the parameters are known.
@Suite struct RecoveryTests {
    static let truth = BetaGeometric(r: 0.8, alphaDays: 50, a: 0.8, b: 2.5)
    static let taste = GammaGamma(p: 6, q: 4, gamma: 1_500)

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `the parameters of simulated customers are found again`(seed: UInt64) throws {
        var crowd = Crowd(seed: seed)
        var histories: [PurchaseHistory: Int] = [:]
        var spendings: [RepeatSpending: Int] = [:]
        var later: [(history: PurchaseHistory, purchases: Int)] = []
        for _ in 0..<4_000 {
            let (history, after) = crowd.life(Self.truth, future: 180)
            histories[history, default: 0] += 1
            later.append((history, after))
            if let spent = crowd.spending(Self.taste, repeats: history.repeats) {
                spendings[spent, default: 0] += 1
            }
        }
        let model = try LifetimeModel(histories, spendings)
        let found = model.buying.model
        // The greatest likelihood is above that of the truth, and not by much: twice the difference
        // is chi-squared with four degrees of freedom, beyond 30 once in 200,000 times.
        let gain = model.buying.logLikelihood - Self.truth.logLikelihood(histories)
        #expect(gain >= 0 && gain < 15, "seed \(seed): \(found)")
        #expect(abs(found.r / Self.truth.r - 1) < 0.25, "seed \(seed): \(found)")
        #expect(abs(found.alpha / Self.truth.alpha - 1) < 0.3, "seed \(seed): \(found)")

        let taste = try model.spending.get()
        let gainOfTaste = taste.logLikelihood - Self.taste.logLikelihood(spendings)
        #expect(gainOfTaste >= 0 && gainOfTaste < 15, "seed \(seed): \(taste)")

        // What the model expects of the half year after is what happens.
        let expected = later.reduce(0) { $0 + found.purchases($1.history, days: 180) }
        let happened = Double(later.reduce(0) { $0 + $1.purchases })
        #expect(abs(expected / happened - 1) < 0.1, "seed \(seed): \(expected), \(happened)")
    }
}

/// Draws customers.
private struct Crowd {
    var rng: SeededRNG

    init(seed: UInt64) { rng = SeededRNG(seed) }

    /// A customer's purchases until now, and how many she makes in the `future` days after.
    mutating func life(
        _ model: BetaGeometric, future: Int
    ) -> (PurchaseHistory, after: Int) {
        let age = Int.random(in: 100..<600, using: &rng)
        let rate = gamma(model.r) / model.alpha
        let (stay, go) = (gamma(model.b), gamma(model.a))
        let leaving = go / (go + stay)
        var (time, last, repeats, after) = (0.0, 0, 0, 0)
        while true {
            time -= log(uniform()) / rate
            // Days, as the ledger has them; a second purchase of a day is not a repetition.
            let day = Int(time.rounded(.up))
            guard time < Double(age + future) else { break }
            if day <= age {
                if day > last { repeats += 1 }
                last = day
            } else {
                after += 1
            }
            if uniform() < leaving { break }
        }
        return (
            PurchaseHistory(repeats: repeats, recencyDays: last, ageDays: age)!, after
        )
    }

    mutating func spending(_ model: GammaGamma, repeats: Int) -> RepeatSpending? {
        guard repeats > 0 else { return nil }
        let scale = model.gamma / gamma(model.q)
        return RepeatSpending(
            repeats: repeats, mean: gamma(model.p * Double(repeats)) * scale / Double(repeats))
    }

    private mutating func uniform() -> Double { Double.random(in: 1e-15..<1, using: &rng) }

    private mutating func normal() -> Double {
        (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())
    }

    /// Gamma(shape, 1) after Marsaglia and Tsang (2000).
    private mutating func gamma(_ shape: Double) -> Double {
        guard shape >= 1 else { return gamma(shape + 1) * pow(uniform(), 1 / shape) }
        let d = shape - 1 / 3.0
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
            if v > 0, log(uniform()) < x * x / 2 + d - d * v + d * log(v) { return d * v }
        }
    }
}
