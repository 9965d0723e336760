import Intake
import Synchronization

/// The journal and the roll-up start before the sockets that one tells of relief and the other makes
/// way for.
final class Relief: Sendable {
    private let held = Mutex<Server?>(nil)
    var server: Server? {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }

    func tell() { server?.relieved() }

    /// More comes by datagram than is read.
    var isFlooded: Bool { server?.isFlooded ?? false }
}
