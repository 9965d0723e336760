/// How the configuration was read, at the start and at each reload. Named as Prometheus names its own.
package final class ConfigurationCounters: Sendable {
    package enum Outcome: Int, CaseIterable, Sendable {
        case applied, refused
        var name: String { "\(self)" }
    }

    package let reloads = Counter(
        "engaged_config_reloads_total",
        "Reloads of the configuration that were applied, or refused as a whole.",
        labels: [.init("outcome", Outcome.allCases.map(\.name))])
    package let lastIsGood = Gauge(
        "engaged_config_last_reload_successful",
        "1 if the configuration was taken when it was last read, else 0.")
    package let lastGoodMilliseconds = Gauge(
        "engaged_config_last_reload_success_timestamp_seconds",
        "When the configuration in force was read, seconds since 1970.", scale: 1_000)

    /// The configuration has just been read at the start.
    init() { took() }

    package func reloaded(_ outcome: Outcome) {
        if outcome == .applied { took() } else { lastIsGood.set(0) }
        // Last: who waits for it finds the rest told.
        reloads.add(1, at: outcome.rawValue)
    }

    private func took() {
        lastGoodMilliseconds.set(Int(wallSeconds() * 1_000))
        lastIsGood.set(1)
    }
}
