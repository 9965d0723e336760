import Glibc

/// The Gamma-Gamma model of spending (Fader and Hardie 2013), for customers who bought again.
///
/// A purchase of a customer is worth Gamma(p, ν), where ν is her own: Gamma(q, γ) over the
/// customers. What somebody spends is taken as independent of how often she buys.
package struct GammaGamma: Equatable, Sendable {
    package let p: Double
    package let q: Double
    /// In minor units of the currency.
    package let gamma: Double

    package init(p: Double, q: Double, gamma: Double) {
        self.p = p
        self.q = q
        self.gamma = gamma
    }

    /// What a purchase of the customer is expected to be worth, in minor units: between her own mean
    /// and everybody's, the nearer to hers the more she bought. nil where the spread is so wide that
    /// there is no expectation.
    package func value(_ spending: RepeatSpending?) -> Double? {
        let x = Double(spending?.repeats ?? 0)
        let weight = p * x + q - 1
        guard weight > 0 else { return nil }
        return p * (gamma + x * (spending?.mean ?? 0)) / weight
    }

    /// The parameters of greatest likelihood.
    package static func fit(
        _ counts: [RepeatSpending: Int]
    ) throws(Refusal) -> Fit<GammaGamma> {
        let customers = counts.values.reduce(0, +)
        guard customers >= Refusal.leastRepeatBuyers else {
            throw .tooFewRepeatBuyers(customers)
        }
        let likelihood = GammaGammaLikelihood(counts)
        let mean =
            counts.reduce(0.0) { $0 + $1.key.mean * Double($1.value) } / Double(customers)
        return .best(
            [[1, 3, mean], [6, 4, mean / 2]], customers: customers,
            likelihood: likelihood.callAsFunction
        ) { GammaGamma(p: $0[0], q: $0[1], gamma: $0[2]) }
    }

    package func logLikelihood(_ counts: [RepeatSpending: Int]) -> Double {
        GammaGammaLikelihood(counts)([p, q, gamma])
    }
}

struct GammaGammaLikelihood {
    private struct Group {
        var repeats: Double
        /// All that she spent.
        var total: Double
        var customers: Double
    }

    private let groups: [Group]
    private let byRepeats: [(repeats: Double, customers: Double)]
    private let customers: Double
    /// Σ x·ln z, Σ ln z and Σ x·ln x over the customers, which no parameter changes.
    private var repeatsLogMean = 0.0
    private var logMean = 0.0
    private var repeatsLogRepeats = 0.0

    init(_ counts: [RepeatSpending: Int]) {
        var number: [Int: Int] = [:]
        for (spending, customers) in counts {
            let (x, n) = (Double(spending.repeats), Double(customers))
            number[spending.repeats, default: 0] += customers
            repeatsLogMean += n * x * log(spending.mean)
            logMean += n * log(spending.mean)
            repeatsLogRepeats += n * x * log(x)
        }
        customers = Double(counts.values.reduce(0, +))
        byRepeats = number.sorted { $0.key < $1.key }.map { (Double($0.key), Double($0.value)) }
        // In one order, so that a sum of the same customers is the same to the last digit.
        groups =
            counts.sorted { ($0.key.repeats, $0.key.mean) < ($1.key.repeats, $1.key.mean) }
            .map { spending, number in
                let x = Double(spending.repeats)
                return Group(repeats: x, total: x * spending.mean, customers: Double(number))
            }
    }

    /// - Parameter parameters: p, q, γ.
    func callAsFunction(_ parameters: [Double]) -> Double {
        let (p, q, gamma) = (parameters[0], parameters[1], parameters[2])
        var sum = customers * (q * log(gamma) - logGamma(q))
        sum += p * repeatsLogMean - logMean + p * repeatsLogRepeats
        for (x, number) in byRepeats {
            sum += number * (logGamma(p * x + q) - logGamma(p * x))
        }
        for group in groups {
            sum -= group.customers * (p * group.repeats + q) * log(gamma + group.total)
        }
        return sum
    }
}
