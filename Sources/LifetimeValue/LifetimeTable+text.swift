extension LifetimeTable {
    /// The fits, for people.
    package var text: String { markets.map(\.text).joined(separator: "\n\n") }
}

extension LifetimeTable.Market {
    package var isFitted: Bool { (try? model.get()) != nil }

    var text: String {
        let again = buyers.count { $0.history.repeats > 0 }
        let head = "\(currency): \(buyers.count) customers, \(again) of them bought again"
        switch model {
        case .failure(let refusal): return head + "\n  refused: \(refusal)"
        case .success(let model): return ([head] + lines(model)).joined(separator: "\n")
        }
    }

    private func lines(_ model: LifetimeModel) -> [String] {
        let buying = model.buying
        var lines = [
            "  buying    BG/NBD       r \(short(buying.model.r))  α \(short(buying.model.alpha)) days"
                + "  a \(short(buying.model.a))  b \(short(buying.model.b))"
                + "  ln L \(short(buying.logLikelihood))  (\(buying.evaluations) evaluations)"
        ]
        switch model.spending {
        case .failure(let refusal): lines.append("  spending  refused: \(refusal)")
        case .success(let fit):
            lines.append(
                "  spending  Gamma-Gamma  p \(short(fit.model.p))  q \(short(fit.model.q))"
                    + "  γ \(short(fit.model.gamma))"
                    + "  ln L \(short(fit.logLikelihood))  (\(fit.evaluations) evaluations)")
            if fit.model.q <= 1 {
                lines.append("  note: spending is spread too widely for an expected value of some")
            }
        }
        if let correlation = model.correlation, abs(correlation) >= 0.3 {
            lines.append(
                "  note: how often and how much go together (r = \(short(correlation))), which the models deny"
            )
        }
        if buying.isAtEdge || (try? model.spending.get().isAtEdge) ?? false {
            lines.append(
                "  note: these customers don't settle every parameter; the expectations still follow them"
            )
        }
        return lines
    }

    /// Three digits after the point.
    private func short(_ value: Double) -> String {
        guard abs(value) < 1e12 else { return "\(value)" }
        let thousandths = Int((abs(value) * 1_000).rounded())
        let rest = String(thousandths % 1_000)
        let digits = String(repeating: "0", count: 3 - rest.count) + rest
        return (value < 0 ? "-" : "") + "\(thousandths / 1_000).\(digits)"
    }
}
