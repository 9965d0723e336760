import Logging
import Settings
import Synchronization
import Telemetry
import UnixSignals

/// Reads the configuration again when it is told to, and puts in force what changed: all of it, or with
/// any mistake nothing.
final class Reload: Sendable {
    private let orders: ReloadOrders
    private let parts: [ReloadedPart]
    private let counters: ConfigurationCounters
    private let notices: ServiceNotices
    private let logger: Logger
    private let inForce: Mutex<Settings>

    init(
        _ orders: ReloadOrders, from settings: Settings, parts: [ReloadedPart],
        counters: ConfigurationCounters, notices: ServiceNotices, logger: Logger
    ) {
        self.orders = orders
        self.parts = parts
        self.counters = counters
        self.notices = notices
        self.logger = logger
        inForce = Mutex(settings)
    }

    /// Until the task is cancelled; a reload that has begun is finished.
    ///
    /// - Parameter state: how the daemon is, for the service manager.
    func run(state: @Sendable () -> String) async {
        for await _ in orders.signals {
            guard !Task.isCancelled else { return }
            notices.reloading()
            let outcome = await reload()
            counters.reloaded(outcome)
            notices.ready(state())
        }
    }

    private func reload() async -> ConfigurationCounters.Outcome {
        let (read, mistakes) = orders.load()
        guard let read else { return refuse(mistakes) }
        let change = SettingsChange(from: inForce.withLock { $0 }, to: read)
        guard change.mistakes.isEmpty else { return refuse(change.mistakes) }
        var steps: [@Sendable () async -> Void] = []
        do throws(ReloadedPart.Refusal) {
            for part in parts { steps.append(try part.prepare(change.settings)) }
        } catch { return refuse(error.mistakes) }
        for step in steps { await step() }
        inForce.withLock { $0 = change.settings }
        for waiting in change.waiting {
            logger.warning(
                "this setting waits for a restart",
                metadata: [
                    "key": "\(waiting.key)", "now": "\(waiting.now)", "then": "\(waiting.then)",
                ])
        }
        let changed = change.live.isEmpty ? "nothing" : change.live.joined(separator: " ")
        logger.notice("the configuration was read again", metadata: ["changed": "\(changed)"])
        return .applied
    }

    /// Every mistake, as at a start.
    private func refuse(_ mistakes: [SettingsMistake]) -> ConfigurationCounters.Outcome {
        for mistake in mistakes { logger.error("\(mistake)") }
        logger.error(
            "the configuration has mistakes, nothing of it was taken; mend it and reload again (engaged check tries it out)",
            metadata: ["mistakes": "\(mistakes.count)"])
        return .refused
    }
}
