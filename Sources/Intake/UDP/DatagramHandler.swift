import Glibc
import Logging
import NIOCore
import Senders

/// Reads datagrams. The loop tells that there are some and reads the first; the others that wait are
/// read here, many with one call and into the same room again.
final class DatagramHandler: ChannelDuplexHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let lane: Lane
    private let logger: Logger
    private let gate: DatagramGate
    private let backlog: DatagramBacklog
    private let burst = DatagramBurst()
    private var socket: NIOBSDSocket.Handle?
    /// Then the loop's connections have their turn.
    private static let burstsAtOnce = 16

    init(lane: Lane, shared: Shared, backlog: DatagramBacklog) {
        self.lane = lane
        self.backlog = backlog
        logger = shared.logger
        gate = DatagramGate(lane: lane, shared: shared)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // nil where there is no kernel's socket.
        socket = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
        if let socket { backlog.watch(socket) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        envelope.data.withUnsafeReadableBytes {
            gate.take($0.bindMemory(to: UInt8.self), from: Address(envelope.remoteAddress))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if let socket { readOn(socket) }
        gate.endBurst()
        context.fireChannelReadComplete()
    }

    private func readOn(_ socket: NIOBSDSocket.Handle) {
        for _ in 0..<Self.burstsAtOnce where !lane.isHeld {
            let count = burst.receive(from: socket)
            if count < 0, count != Int(-EAGAIN) {
                warn(IOError(errnoCode: CInt(-count), reason: "recvmmsg"))
            }
            for i in 0..<max(0, count) { gate.take(burst[i], from: burst.sender(i)) }
            // Fewer than there is room for: no more wait.
            guard count == DatagramBurst.capacity else { return }
        }
    }

    /// While the sink is congested datagrams wait in the kernel's buffer; what doesn't fit there
    /// the kernel drops and counts.
    func read(context: ChannelHandlerContext) {
        guard lane.isHeld else { return context.read() }
        lane.park(self) { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { warn(error) }

    private func warn(_ error: any Error) {
        logger.warning(
            "reading a datagram failed, the next one is read", metadata: ["error": "\(error)"])
    }
}
