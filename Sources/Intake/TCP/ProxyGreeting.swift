import NIOCore
import Senders
import Telemetry

/// Takes the PROXY header off a connection that must begin with one, and tells the peer by it.
///
/// Only put in front of trusted proxies' connections: anybody else's header would be a claim. What
/// doesn't begin with a sound one, in time, is closed, as nobody knows whose words these are.
final class ProxyGreeting: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let peer: Peer
    private let shared: Shared
    private var buffer = ByteBuffer()
    private var deadline: Scheduled<Void>?
    private var isOver = false

    init(peer: Peer, shared: Shared) {
        self.peer = peer
        self.shared = shared
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let seconds = Int64(shared.limits.requestSeconds)
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(seconds)) {
            [self] in
            guard !isOver else { return }
            shared.counters.reached(.requestTimeout)
            refuse(context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        isOver = true
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard !isOver else { return }
        buffer.writeBuffer(&bytes)
        switch ProxyHeader(buffer.readableBytesView) {
        case .incomplete: return
        case .wrong: refuse(context)
        case .whole(let count, let source):
            isOver = true
            peer.name(source)
            buffer.moveReaderIndex(forwardBy: count)
            let rest = buffer
            buffer = ByteBuffer()
            if rest.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(rest)) }
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        isOver = true
        shared.counters.refusedProxies.add()
        context.close(promise: nil)
    }
}
