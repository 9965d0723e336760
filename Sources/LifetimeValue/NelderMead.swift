/// The simplex method of Nelder and Mead (1965), which needs no derivatives, with the customary
/// coefficients.
struct NelderMead {
    struct Minimum {
        var point: [Double]
        var value: Double
        /// Evaluations of the function.
        var evaluations: Int
    }

    /// How far apart the simplex's values and corners may still be at the end.
    var tolerance = 1e-8
    var mostEvaluations = 4_000

    /// The least value found from `start`, begun anew where it stopped until that brings nothing: a
    /// simplex may collapse before it has arrived. The function may be infinite, never NaN.
    func minimize(
        from start: [Double], _ function: ([Double]) -> Double
    ) -> Minimum {
        var best = descend(from: start, step: 0.5, function)
        while best.evaluations < mostEvaluations {
            var next = descend(from: best.point, step: 0.1, function)
            next.evaluations += best.evaluations
            let gain = best.value - next.value
            best = next
            if gain <= tolerance * max(1, abs(next.value)) { break }
        }
        return best
    }

    private func descend(
        from start: [Double], step: Double, _ function: ([Double]) -> Double
    ) -> Minimum {
        var evaluations = 0
        func corner(_ point: [Double]) -> (point: [Double], value: Double) {
            evaluations += 1
            return (point, function(point))
        }
        var simplex = [corner(start)]
        for i in start.indices {
            var point = start
            point[i] += step
            simplex.append(corner(point))
        }
        let last = start.count
        while evaluations < mostEvaluations {
            simplex.sort { $0.value < $1.value }
            if isSmall(simplex) { break }
            let centre = start.indices.map { i in
                simplex[..<last].reduce(0) { $0 + $1.point[i] } / Double(last)
            }
            /// The worst corner moved along its line through the centre.
            func moved(_ factor: Double) -> [Double] {
                start.indices.map { centre[$0] + factor * (simplex[last].point[$0] - centre[$0]) }
            }
            let reflected = corner(moved(-1))
            if reflected.value < simplex[0].value {
                let expanded = corner(moved(-2))
                simplex[last] = expanded.value < reflected.value ? expanded : reflected
            } else if reflected.value < simplex[last - 1].value {
                simplex[last] = reflected
            } else {
                let contracted = corner(moved(reflected.value < simplex[last].value ? -0.5 : 0.5))
                if contracted.value < min(reflected.value, simplex[last].value) {
                    simplex[last] = contracted
                } else {
                    let best = simplex[0].point
                    for i in 1...last {
                        simplex[i] = corner(
                            start.indices.map { (best[$0] + simplex[i].point[$0]) / 2 })
                    }
                }
            }
        }
        let best = simplex.min { $0.value < $1.value }!
        return Minimum(point: best.point, value: best.value, evaluations: evaluations)
    }

    private func isSmall(_ simplex: [(point: [Double], value: Double)]) -> Bool {
        let best = simplex[0]
        // A simplex across a valley has equal values and is still far from small.
        return simplex.last!.value - best.value <= tolerance * max(1, abs(best.value))
            && simplex.allSatisfy { corner in
                zip(corner.point, best.point).allSatisfy { abs($0 - $1) <= 1e-5 }
            }
    }
}
