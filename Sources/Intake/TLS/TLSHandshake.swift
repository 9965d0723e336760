import Logging
import NIOCore
import NIOSSL
import NIOTLS
import Telemetry

/// Behind TLS: holds the handshake to its time, counts how it ended, and then hands on what is opened.
final class TLSHandshake: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Two round trips and a signature: more is a stalled network, or somebody who holds a place.
    private static let mostSeconds = 10

    private let shared: Shared
    private let leave: () -> Void
    private var deadline: Scheduled<Void>?
    private var outcome: HandshakeOutcome?

    /// - Parameter leave: called once, when the connection is over.
    init(shared: Shared, leave: @escaping () -> Void) {
        self.shared = shared
        self.leave = leave
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let seconds = Int64(min(shared.limits.requestSeconds, Self.mostSeconds))
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(seconds)) {
            [self] in fail(.timeout, context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        if outcome == .completed { shared.counters.sealedConnections.add(-1) }
        leave()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
            guard end(.completed) else { return }
            shared.counters.sealedConnections.add(1)
        } else if event is IdleStateHandler.IdleStateEvent, outcome == nil {
            fail(.timeout, context)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard outcome != nil else { return fail(HandshakeOutcome(error), context) }
        // The end of the input without TLS's own goodbye, which many clients leave out. Nothing can be
        // made of it by cutting: a line is an object, which its last byte closes, and a request says
        // where it ends (RFC 8446, 6.1).
        if case NIOSSLError.uncleanShutdown? = error as? NIOSSLError { return }
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        _ = end(.disconnected)
        context.fireChannelInactive()
    }

    /// A copy: TLS opens into a buffer of 32 KiB, which it would make anew were this one kept.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let opened = unwrapInboundIn(data)
        var exact = context.channel.allocator.buffer(capacity: opened.readableBytes)
        exact.writeImmutableBuffer(opened)
        context.fireChannelRead(wrapInboundOut(exact))
    }

    private func fail(_ outcome: HandshakeOutcome, _ context: ChannelHandlerContext) {
        guard end(outcome) else { return }
        shared.logger.debug("a TLS handshake failed", metadata: ["outcome": "\(outcome.name)"])
        context.close(promise: nil)
    }

    /// False: it has ended before.
    private func end(_ outcome: HandshakeOutcome) -> Bool {
        guard self.outcome == nil else { return false }
        self.outcome = outcome
        deadline?.cancel()
        shared.counters.handshake(outcome)
        return true
    }
}

extension HandshakeOutcome {
    /// BoringSSL tells its reasons by name alone.
    fileprivate init(_ error: any Error) {
        guard case .handshakeFailed(.sslError(let reasons))? = error as? NIOSSLError else {
            self = .malformed
            return
        }
        let names = reasons.map(\.description).joined()
        if reasons.contains(.eofDuringHandshake) {
            self = .disconnected
        } else if names.contains("_ALERT_") {
            self = .rejected
        } else if names.contains("UNSUPPORTED_PROTOCOL") {
            self = .version
        } else if names.contains("NO_SHARED_CIPHER") || names.contains("NO_SHARED_GROUP")
            || names.contains("NO_COMMON_SIGNATURE_ALGORITHMS")
        {
            self = .cipher
        } else {
            self = .malformed
        }
    }
}
