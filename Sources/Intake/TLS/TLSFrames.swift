import NIOCore

/// Between the socket and TLS: sees to it that TLS holds no more than one read and one record.
///
/// At a half-close NIO reads all that the kernel holds before it says that a read is complete, and TLS
/// would open all of that into one buffer, which it keeps. So every read is complete here. What TLS sends
/// stands in a buffer of 16 KiB or more, also a few bytes; a client that doesn't read would make it hold
/// as many of those as there are answers.
final class TLSFrames: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(data)
        context.fireChannelReadComplete()
    }

    /// Told above.
    func channelReadComplete(context: ChannelHandlerContext) {}

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let sealed = unwrapOutboundIn(data)
        guard sealed.readableBytes < sealed.storageCapacity / 2 else {
            return context.write(data, promise: promise)
        }
        var exact = context.channel.allocator.buffer(capacity: sealed.readableBytes)
        exact.writeImmutableBuffer(sealed)
        context.write(wrapOutboundOut(exact), promise: promise)
    }
}
