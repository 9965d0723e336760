import Logging
import Reports
import ServiceLifecycle
import Settings

/// Serves the admin port from `open` until the daemon's end.
///
/// It must not take the daemon down with it when its address is taken.
final class AdminPort: Service {
    private static let patienceSeconds = 10

    private let serving: Task<Void, Never>
    /// Ends when connections are accepted or never will be.
    private let opening: AsyncStream<Void>

    private init(serving: Task<Void, Never>, opening: AsyncStream<Void>) {
        self.serving = serving
        self.opening = opening
    }

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
        let (opening, opened) = AsyncStream.makeStream(of: Void.self)
        return AdminPort(
            serving: Task.detached {
                defer { opened.finish() }
                do { try await server.run { _ in opened.finish() } } catch is CancellationError {
                } catch {
                    logger.error(
                        "no admin port: metrics and health are not served, events are; free the address or choose another (admin), and restart",
                        metadata: ["address": "\(address)", "error": "\(error)"])
                }
            }, opening: opening)
    }

    /// Returns when it can be asked, or can't be; events don't wait longer than some seconds for it
    /// (a name may be looked up slowly).
    func opened() async {
        await withTaskGroup(of: Void.self) { either in
            either.addTask { [opening] in for await _ in opening {} }
            either.addTask { try? await Task.sleep(for: .seconds(Self.patienceSeconds)) }
            await either.next()
            either.cancelAll()
        }
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
