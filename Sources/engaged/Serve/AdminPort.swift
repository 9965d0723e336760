import Logging
import Reports
import ServiceLifecycle
import Settings

/// Serves the admin port from `open` until the daemon's end.
///
/// It must not take the daemon down with it when its address is taken.
final class AdminPort: Service {
    private let serving: Task<Void, Never>

    private init(serving: Task<Void, Never>) { self.serving = serving }

    /// nil: none is configured.
    static func open(_ settings: Settings, _ front: Front, _ logger: Logger) -> AdminPort? {
        guard let address = settings.admin else { return nil }
        let server = AdminServer(
            address: AdminServer.Address(address), token: settings.adminToken,
            counters: front.counters, logger: logger, measure: { front.measure() },
            status: {
                front.measure()
                return front.status
            },
            health: { front.stuck }, readiness: { front.readiness })
        return AdminPort(
            serving: Task.detached {
                do { try await server.run() } catch is CancellationError {} catch {
                    logger.error(
                        "no admin port: metrics and health are not served, events are; free the address or choose another (admin), and restart",
                        metadata: ["address": "\(address)", "error": "\(error)"])
                }
            })
    }

    func run() async {
        try? await gracefulShutdown()
        await close()
    }

    func close() async {
        serving.cancel()
        await serving.value
    }
}
