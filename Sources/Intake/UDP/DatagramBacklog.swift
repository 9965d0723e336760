import NIOCore
import Synchronization

/// What waits at the datagrams' socket, and what the kernel threw away there. Any thread may ask, and
/// none has to tell.
final class DatagramBacklog: Sendable {
    private struct State {
        /// nil: none, or closed.
        var socket: NIOBSDSocket.Handle?
        /// The kernel's count at the last look.
        var drops: UInt32 = 0

        var memory: SocketMemory? { socket.flatMap { SocketMemory(of: $0) } }
    }

    private let state = Mutex(State())

    func watch(_ socket: NIOBSDSocket.Handle) { state.withLock { $0.socket = socket } }

    /// Before the socket is closed: its number may be another one's then.
    func end() { state.withLock { $0.socket = nil } }

    /// A third of the receive buffer is taken, at least. (The kernel tells up to a quarter more than
    /// is taken, as it takes note of what was read by and by: udp_rmem_release.)
    var isLong: Bool {
        guard let memory = state.withLock({ $0.memory }) else { return false }
        return Int(memory.taken) * 3 >= Int(memory.limit)
    }

    /// How many datagrams the kernel threw away since this was last asked.
    func takeDrops() -> Int {
        state.withLock { state in
            guard let drops = state.memory?.drops else { return 0 }
            defer { state.drops = drops }
            return Int(drops &- state.drops)
        }
    }
}
