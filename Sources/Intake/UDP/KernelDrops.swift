import NIOCore
import Telemetry

/// How many datagrams the kernel threw away at a socket: SO_MEMINFO's SK_MEMINFO_DROPS
/// (linux/sock_diag.h). It only grows, and wraps at 2^32.
struct SocketMemory: Sendable {
    /// The kernel's array of SK_MEMINFO_VARS = 9 words.
    private var words: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)

    static let option = NIOBSDSocket.Option(rawValue: 55)  // SO_MEMINFO, asm-generic/socket.h
    var drops: UInt32 { words.8 }

    /// Adds what was dropped since `last` to the counter and remembers where it stands.
    static func count(
        of channel: any Channel, since last: UInt32, into shared: Shared
    ) -> EventLoopFuture<UInt32> {
        guard let options = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(last)
        }
        return options.unsafeGetSocketOption(level: .socket, name: option)
            .map { (memory: SocketMemory) in
                let lost = memory.drops &- last
                if lost > 0 { shared.counters.kernelDrops.add(Int(lost)) }
                return memory.drops
            }
    }
}

/// Asks for the receive buffer and says what the kernel gave. Bytes.
///
/// The kernel doubles the value for its bookkeeping and reports it doubled. SO_RCVBUFFORCE passes
/// `net.core.rmem_max` but needs CAP_NET_ADMIN. A socket that a service manager made may have more
/// than this process could get: it is never made smaller.
func sizeReceiveBuffer(
    _ channel: any Channel, bytes: Int
) -> EventLoopFuture<Int> {
    guard let options = channel as? any SocketOptionProvider else {
        return channel.eventLoop.makeSucceededFuture(0)
    }
    let wanted = CInt(clamping: bytes)
    let force = NIOBSDSocket.Option(rawValue: 33)  // SO_RCVBUFFORCE
    func given() -> EventLoopFuture<Int> {
        options.unsafeGetSocketOption(level: .socket, name: .so_rcvbuf)
            .map { (doubled: CInt) in Int(doubled) / 2 }
    }
    return given().flatMap { has in
        if has >= bytes { return channel.eventLoop.makeSucceededFuture(has) }
        return options.unsafeSetSocketOption(level: .socket, name: force, value: wanted)
            .flatMapError { _ in
                options.unsafeSetSocketOption(level: .socket, name: .so_rcvbuf, value: wanted)
            }
            .flatMap { given() }
    }
}
