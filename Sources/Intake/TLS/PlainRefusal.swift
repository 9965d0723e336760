import NIOCore
import Telemetry

/// Tells a client that spoke plainly where TLS is required so, and closes.
///
/// What it sent is lost, and its key may have been heard: counting it is no use, changing the key is.
final class PlainRefusal: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long a client that was turned away may go on sending.
    private static let drainTime = TimeAmount.seconds(5)
    private static let code = "tls_required"
    private static let detail = "this server speaks TLS only"

    private let shared: Shared
    private let speech: Sniffer.Speech
    private var drain: Scheduled<Void>?

    init(_ shared: Shared, _ speech: Sniffer.Speech) {
        self.shared = shared
        self.speech = speech
    }

    func handlerAdded(context: ChannelHandlerContext) {
        shared.counters.refusedPlain.add()
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        // What it sends meanwhile is read and dropped: a reset could overtake the answer.
        context.close(mode: .output, promise: nil)
        drain = context.eventLoop.assumeIsolated().scheduleTask(in: Self.drainTime) {
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { drain?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.close(promise: nil)
    }

    /// RFC 9110, 15.5.22: a 426 says to what.
    private var answer: String {
        guard speech == .http else {
            return "{\"engaged\":1,\"error\":\"\(Self.code)\",\"detail\":\"\(Self.detail)\"}\n"
        }
        shared.counters.answered(status: 426)
        let body = "{\"error\":\"\(Self.code)\",\"detail\":\"\(Self.detail)\"}\n"
        return
            "HTTP/1.1 426 Upgrade Required\r\nupgrade: TLS/1.2\r\nconnection: upgrade, close\r\n"
            + "content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}
