import NIOCore
import NIOSSL
package import Senders
import Synchronization
import Telemetry

/// How connections come to speak TLS: with which identity, which of them must, and how many may.
///
/// The identity can be replaced at any time, from any thread: connections that begin afterwards see the
/// new one, those that are open live on with the old one.
package final class TLSDoor: Sendable {
    /// What one connection makes the daemon hold beyond a plain one's share, however it behaves:
    /// BoringSSL's state and a record of 16 KiB each way, what was opened and isn't dealt with.
    static let connectionBytes = 64 << 10
    /// A read, so that what is opened of it stays within that.
    static let readBytes = 16 << 10

    private let isRequired: Bool
    private let identity: Mutex<TLSIdentity>
    private let held = Atomic<Int>(0)

    /// - Parameter isRequired: plain connections of other machines are closed.
    package init(_ identity: TLSIdentity, isRequired: Bool = false) {
        self.isRequired = isRequired
        self.identity = Mutex(identity)
    }

    package func replace(_ identity: TLSIdentity) { self.identity.withLock { $0 = identity } }

    /// - Parameter address: of whoever connects, as the kernel says. What stays within this machine
    ///   can be heard by nobody: a proxy on it, and the commands of `engaged`, may speak plainly.
    package func refusesPlain(from address: Address?) -> Bool {
        isRequired && address?.isLoopback != true
    }

    /// Puts TLS in front of the handler whose context this is. Throws when there is no memory for it.
    func open(_ context: ChannelHandlerContext, _ shared: Shared) throws {
        guard enter(shared) else {
            shared.counters.handshake(.overloaded)
            throw ChannelError.outputClosed
        }
        var buffers = NIOSSLServerHandler.Configuration()
        buffers.maximumPreservedOutboundBufferCapacity = Self.readBytes
        let handlers: [any ChannelHandler] = [
            TLSFrames(),
            NIOSSLServerHandler(
                context: identity.withLock { $0.context }, configuration: buffers),
            TLSHandshake(shared: shared) { [self] in leave(shared) },
        ]
        try context.pipeline.syncOperations.addHandlers(
            handlers, position: .before(context.handler))
    }

    /// Takes the memory of one connection, as long as enough is left for bodies and long lines.
    private func enter(_ shared: Shared) -> Bool {
        let all = held.add(Self.connectionBytes, ordering: .relaxed).newValue
        if all <= shared.limits.sealedBytes, shared.budget.reserve(Self.connectionBytes) {
            return true
        }
        held.subtract(Self.connectionBytes, ordering: .relaxed)
        return false
    }

    private func leave(_ shared: Shared) {
        held.subtract(Self.connectionBytes, ordering: .relaxed)
        shared.budget.release(Self.connectionBytes)
    }
}
