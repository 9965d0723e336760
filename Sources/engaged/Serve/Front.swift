import Logging
import Reports
import Settings
import Synchronization
import Telemetry

/// What the admin port answers from: the daemon once it is there, until then how its start gets on.
///
/// A start may take minutes, counting what a crash left. Who watches the daemon sees that it does, and
/// sends it nothing yet.
final class Front: Sendable {
    private struct State {
        var doing = "recovering"
        var daemon: Daemon?
        var port: AdminPort?
    }

    let counters: Counters
    private let settings: Settings
    private let state = Mutex(State())

    init(_ settings: Settings, _ counters: Counters) {
        self.settings = settings
        self.counters = counters
    }

    func openPort(_ logger: Logger) {
        let port = AdminPort.open(settings, self, logger)
        state.withLock { $0.port = port }
    }

    var port: AdminPort? { state.withLock { $0.port } }

    /// The start has come so far, in words.
    func set(doing: String) { state.withLock { $0.doing = doing } }

    /// The start is over.
    func open(_ daemon: Daemon) { state.withLock { $0.daemon = daemon } }

    func measure() { state.withLock { $0.daemon }?.measure() }

    var stuck: [String] { state.withLock { $0.daemon }?.stuck ?? [] }

    var readiness: AdminServer.Readiness {
        let state = state.withLock { $0 }
        return state.daemon?.readiness ?? .notReady(state.doing)
    }

    var status: Status {
        let state = state.withLock { $0 }
        return state.daemon?.status
            ?? Status(
                counters: counters, version: Engaged.version, state: state.doing,
                dataDirectory: settings.dataDirectory,
                listen: "\(settings.listen.host):\(settings.listen.port)")
    }
}
