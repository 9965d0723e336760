import Glibc

/// A model fitted to customers by greatest likelihood.
package struct Fit<Model: Sendable & Equatable>: Sendable, Equatable {
    package let model: Model
    package let logLikelihood: Double
    package let customers: Int
    /// Evaluations of the likelihood.
    package let evaluations: Int
    /// Whether a parameter ran to the end of its range: the customers are too few or too much alike
    /// to tell it. The expectations still follow the data.
    package let isAtEdge: Bool

    /// Parameters are sought within e^±12 of their starts, on a logarithmic scale.
    private static var range: Double { 12 }

    /// The best that Nelder and Mead find from any of the starts.
    static func best(
        _ starts: [[Double]], customers: Int, likelihood: ([Double]) -> Double,
        model: ([Double]) -> Model
    ) -> Fit {
        var best: Fit?
        var evaluations = 0
        for start in starts {
            let origin = start.map { log(max($0, 1e-3)) }
            let minimum = NelderMead().minimize(from: origin) { point in
                guard zip(point, origin).allSatisfy({ abs($0 - $1) <= range }) else {
                    return .infinity
                }
                let value = -likelihood(point.map { exp($0) })
                return value.isNaN ? .infinity : value
            }
            evaluations += minimum.evaluations
            if let best, -minimum.value <= best.logLikelihood { continue }
            best = Fit(
                model: model(minimum.point.map { exp($0) }), logLikelihood: -minimum.value,
                customers: customers, evaluations: 0,
                isAtEdge: zip(minimum.point, origin).contains { abs($0 - $1) > range - 1 })
        }
        return Fit(
            model: best!.model, logLikelihood: best!.logLikelihood, customers: customers,
            evaluations: evaluations, isAtEdge: best!.isAtEdge)
    }
}
