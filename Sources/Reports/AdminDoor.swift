import NIOCore

/// Keeps the admin port from taking the descriptors that the journal needs, and from spinning where
/// there are none.
final class AdminDoor: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    /// Who scrapes needs two or three; one more than this is closed at once.
    private static let connections = 32
    private static let pause = TimeAmount.milliseconds(200)
    private var open = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let connection = unwrapInboundIn(data)
        guard open < Self.connections else { return connection.close(promise: nil) }
        open += 1
        connection.closeFuture.hop(to: context.eventLoop).assumeIsolated().whenComplete {
            [self] _ in
            open -= 1
        }
        context.fireChannelRead(data)
    }

    /// No descriptor or no memory for a connection: it waits and keeps the socket readable, so the
    /// loop would ask for it without end.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is IOError else { return context.fireErrorCaught(error) }
        let channel = context.channel
        channel.setOption(.autoRead, value: false).whenFailure { _ in channel.close(promise: nil) }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            channel.setOption(.autoRead, value: true).whenFailure { _ in }
        }
    }
}
