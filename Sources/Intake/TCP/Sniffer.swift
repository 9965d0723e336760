import NIOCore
import Telemetry

/// The first byte decides: a capital letter begins an HTTP method, 0x16 a TLS record, and anything
/// else is NDJSON. What TLS opens is sniffed again, but no TLS is spoken within TLS.
final class Sniffer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let counters: Counters
    private let configure: (ChannelHandlerContext, Speech) throws -> Void
    private var isSealed = false

    enum Speech { case http, lines, tls }

    init(
        counters: Counters, configure: @escaping (ChannelHandlerContext, Speech) throws -> Void
    ) {
        self.counters = counters
        self.configure = configure
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return }
        let speech: Speech =
            switch first {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): .http
            case 0x16 where !isSealed: .tls
            default: .lines
            }
        do {
            try configure(context, speech)
            if speech == .tls { return try pass(data, context) }
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    /// TLS stands in front of this now, which waits for what it opens.
    private func pass(_ data: NIOAny, _ context: ChannelHandlerContext) throws {
        isSealed = true
        let front = try context.pipeline.syncOperations.context(handlerType: TLSFrames.self)
        (front.handler as? TLSFrames)?.channelRead(context: front, data: data)
    }

    /// A connection that never says anything is closed by the same limit as a silent one.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            counters.reached(.idleTimeout)
            context.close(promise: nil)
        } else if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
