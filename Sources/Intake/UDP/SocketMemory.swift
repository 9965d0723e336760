import Glibc
import NIOCore

/// What a socket holds, and how many datagrams the kernel threw away at it: SO_MEMINFO
/// (linux/sock_diag.h).
struct SocketMemory: Sendable {
    /// The kernel's array of SK_MEMINFO_VARS = 9 words.
    private var words: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)

    private static let option: CInt = 55  // SO_MEMINFO, asm-generic/socket.h
    /// SK_MEMINFO_DROPS: only grows, and wraps at 2^32.
    var drops: UInt32 { words.8 }
    /// SK_MEMINFO_RMEM_ALLOC and SK_MEMINFO_RCVBUF: bytes that wait to be read, the kernel's own
    /// for each datagram included, and how many may.
    var taken: UInt32 { words.0 }
    var limit: UInt32 { words.1 }

    /// nil for what is no socket.
    init?(of descriptor: NIOBSDSocket.Handle) {
        words = (0, 0, 0, 0, 0, 0, 0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: words))
        guard getsockopt(descriptor, SOL_SOCKET, Self.option, &words, &size) == 0 else {
            return nil
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
    @Sendable func given() -> EventLoopFuture<Int> {
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
