import Glibc

/// The BG/NBD model of buying (beta-geometric, negative binomial; Fader, Hardie and Lee 2005).
///
/// A customer who is alive buys at a rate λ of her own, and after each purchase is gone for good
/// with a probability p of her own. Over the customers λ is Gamma(r, α) and p is Beta(a, b).
package struct BetaGeometric: Equatable, Sendable {
    package let r: Double
    /// In days: α of the rate of purchases a day.
    package let alpha: Double
    package let a: Double
    package let b: Double

    package init(r: Double, alphaDays: Double, a: Double, b: Double) {
        self.r = r
        self.alpha = alphaDays
        self.a = a
        self.b = b
    }

    /// The probability that the customer hasn't gone.
    package func alive(_ history: PurchaseHistory) -> Double {
        // Nobody goes but after a repeat purchase.
        guard history.repeats > 0 else { return 1 }
        let x = Double(history.repeats)
        let quiet =
            log(alpha + Double(history.ageDays)) - log(alpha + Double(history.recencyDays))
        return 1 / (1 + exp(log(a) - log(b + x - 1) + (r + x) * quiet))
    }

    /// How many purchases the customer is expected to make in the next `days`.
    ///
    /// Were she to stay, their number N would be negative binomial, and the purchase after k others
    /// happens if she stayed each time: E[Y] = P(alive) · Σ_k P(N > k) · E[(1 − p)^k]. This equals
    /// the closed form with ₂F₁ of the literature, but all terms are positive and a = 1 is no pole.
    package func purchases(_ history: PurchaseHistory, days: Double) -> Double {
        guard days > 0 else { return 0 }
        let x = Double(history.repeats)
        let size = r + x
        let end = alpha + Double(history.ageDays) + days
        let success = days / end
        let expectedN = size * success / (1 - success)

        // ln P(N = k), from which P(N > k) is what remains.
        var logMass = size * log1p(-success)
        var remaining = 1.0
        var staying = 1.0
        var sum = 0.0
        var k = 0.0
        while k < Self.mostTerms {
            remaining -= exp(logMass)
            // What is left beyond the mean falls faster than a geometric series.
            if k > expectedN, remaining < 1e-13 { break }
            let term = max(0, remaining) * staying
            sum += term
            staying *= (b + x + k) / (a + b + x + k)
            logMass += log(success * (size + k) / (k + 1))
            k += 1
            if term <= 1e-15 * sum { break }
        }
        return sum * alive(history)
    }

    /// More purchases than anybody makes.
    private static let mostTerms = 1e6
}
