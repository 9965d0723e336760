import LifetimeValue
import Testing

/// Fader, Hardie and Lee's estimates of the CDNOW sample, in weeks and dollars.
@Suite struct PublishedFitTests {
    @Test func `buying is fitted as published`() throws {
        let histories = try CDNOW.histories()
        #expect(histories.values.reduce(0, +) == 2_357)
        let fit = try BetaGeometric.fit(histories)
        #expect(abs(fit.model.r - 0.243) < 0.001)
        #expect(abs(fit.model.alpha / 7 - 4.414) < 0.001)
        #expect(abs(fit.model.a - 0.793) < 0.001)
        #expect(abs(fit.model.b - 2.426) < 0.001)
        #expect(!fit.isAtEdge)
        // ln L is a density's: of days it differs from that of weeks by ln 7 a repeat purchase.
        let repeats = histories.reduce(0) { $0 + $1.key.repeats * $1.value }
        #expect(repeats == 2_457)
        #expect(abs(fit.logLikelihood + Double(repeats) * log7 + 9_582.43) < 0.01)
    }

    @Test func `spending is fitted as published`() throws {
        let spendings = try CDNOW.spendings()
        #expect(spendings.values.reduce(0, +) == 946)
        let fit = try GammaGamma.fit(spendings)
        #expect(abs(fit.model.p - 6.25) < 0.01)
        #expect(abs(fit.model.q - 3.74) < 0.01)
        #expect(abs(fit.model.gamma / 100 - 15.44) < 0.02)
        // A density again: of cents it differs from that of dollars by ln 100 a customer.
        #expect(abs(fit.logLikelihood + 946 * log100 + 4_055.92) < 0.01)
    }

    @Test func `no other parameters are likelier`() throws {
        let histories = try CDNOW.histories()
        let best = try BetaGeometric.fit(histories)
        for (r, alpha, a, b) in [
            (1.01, 1.0, 1.0, 1.0), (1, 1.01, 1, 1), (1, 1, 1.01, 1), (1, 1, 1, 1.01),
            (0.99, 1, 1, 1), (1, 0.99, 1, 1), (1, 1, 0.99, 1), (1, 1, 1, 0.99),
        ] {
            let near = BetaGeometric(
                r: best.model.r * r, alphaDays: best.model.alpha * alpha, a: best.model.a * a,
                b: best.model.b * b)
            #expect(near.logLikelihood(histories) < best.logLikelihood)
        }
    }

    @Test func `how often and how much are independent enough`() throws {
        let model = try LifetimeModel(CDNOW.histories(), CDNOW.spendings())
        let correlation = try #require(model.correlation)
        #expect(abs(correlation) < 0.3)
    }

    private let log7 = 1.945_910_149_055_313
    private let log100 = 4.605_170_185_988_092
}
