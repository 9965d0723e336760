import Intake
import Synchronization

/// The journal starts before the sockets that it tells of relief.
final class Relief: Sendable {
    private let held = Mutex<Server?>(nil)
    var server: Server? {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }

    func tell() { server?.relieved() }
}
