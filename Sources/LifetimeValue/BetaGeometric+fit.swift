import Glibc

extension BetaGeometric {
    /// The parameters of greatest likelihood.
    package static func fit(
        _ counts: [PurchaseHistory: Int]
    ) throws(Refusal) -> Fit<BetaGeometric> {
        let customers = counts.values.reduce(0, +)
        guard customers >= Refusal.leastCustomers else { throw .tooFewCustomers(customers) }
        let again = counts.reduce(0) { $0 + ($1.key.repeats > 0 ? $1.value : 0) }
        guard again >= Refusal.leastRepeatBuyers else { throw .tooFewRepeatBuyers(again) }

        let likelihood = BetaGeometricLikelihood(counts)
        let age = counts.reduce(0.0) { $0 + Double($1.key.ageDays * $1.value) } / Double(customers)
        // Alike but for their starts: most people buy rarely and stay, or often and go soon.
        return .best(
            [[1, age / 8, 1, 3], [0.3, age / 2, 0.5, 5]], customers: customers,
            likelihood: likelihood.callAsFunction
        ) { BetaGeometric(r: $0[0], alphaDays: $0[1], a: $0[2], b: $0[3]) }
    }

    package func logLikelihood(_ counts: [PurchaseHistory: Int]) -> Double {
        BetaGeometricLikelihood(counts)([r, alpha, a, b])
    }
}

/// ln L of many histories. Histories are whole days, so that everything but one exponential of a
/// history comes from tables by its numbers: a million customers take a fraction of a second.
struct BetaGeometricLikelihood {
    private struct Group {
        var repeats, recency, age: Int
        var customers: Double
    }

    private let groups: [Group]
    private let repeats: [Double]
    private let days: [Double]

    init(_ counts: [PurchaseHistory: Int]) {
        let x = Set(counts.keys.map(\.repeats)).sorted()
        let t = Set(counts.keys.map(\.recencyDays)).union(counts.keys.map(\.ageDays)).sorted()
        repeats = x.map(Double.init)
        days = t.map(Double.init)
        let xAt = Dictionary(uniqueKeysWithValues: zip(x, x.indices))
        let tAt = Dictionary(uniqueKeysWithValues: zip(t, t.indices))
        // Neighbours in memory share their rows of the tables.
        groups =
            counts.map { history, customers in
                Group(
                    repeats: xAt[history.repeats]!, recency: tAt[history.recencyDays]!,
                    age: tAt[history.ageDays]!, customers: Double(customers))
            }
            .sorted { ($0.repeats, $0.recency, $0.age) < ($1.repeats, $1.recency, $1.age) }
    }

    /// - Parameter parameters: r, α in days, a, b.
    func callAsFunction(_ parameters: [Double]) -> Double {
        let (r, alpha, a, b) = (parameters[0], parameters[1], parameters[2], parameters[3])
        let constant =
            r * log(alpha) - logGamma(r) + logGamma(a + b) - logGamma(b)
        let byRepeats = repeats.map { x in
            constant + logGamma(r + x) + logGamma(b + x) - logGamma(a + b + x)
        }
        let going = repeats.map { log(a) - log(b + $0 - 1) }
        let logDays = days.map { log(alpha + $0) }
        var sum = 0.0
        for group in groups {
            let x = repeats[group.repeats]
            let stayed = -(r + x) * logDays[group.age]
            let fate =
                x == 0
                ? stayed
                : logSumExp(stayed, going[group.repeats] - (r + x) * logDays[group.recency])
            sum += group.customers * (byRepeats[group.repeats] + fate)
        }
        return sum
    }
}
