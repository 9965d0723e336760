import Admission
import NIOCore
import Telemetry

/// In front of the HTTP decoder: hands it one request's bytes at a time.
///
/// The decoder takes apart all that it is given, and a read can hold a thousand small requests. So it
/// gets the bytes in pieces, and none while a request waits for its answer or the client doesn't read
/// its answers; then nothing more is read from the socket either. It also holds requests to their
/// time, counted from the first byte, and heads to their memory.
final class RequestFeed: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Where the request stands whose bytes come next.
    private enum Stage {
        case head
        /// So many bytes are still to come; nil: chunked.
        case body(Int?)
        /// Read to its end, and not yet answered.
        case answering
        /// Answered before its end: the rest is read and dropped, so that the answer isn't lost to a
        /// reset.
        case draining
    }

    /// Small enough for few requests to be in it that have to wait as objects.
    private static let pieceBytes = 512
    /// How long a client that was turned away may go on sending.
    private static let drainSeconds: Int64 = 5

    private let shared: Shared
    private let room: ReadRoom
    /// As the decoder behind was told.
    private let headerBytes: Int
    /// Told when a request that has begun is out of time.
    var onTimeout: () -> Void = {}

    private var context: ChannelHandlerContext?
    private var stage = Stage.head
    private var rest = ByteBuffer()
    private var headBytes = 0
    /// What the decoder got of the request, head included.
    private(set) var givenBytes = 0
    /// By when the request must have been read; nil while none is being read.
    private var deadline: NIODeadline?
    private var alarm: Scheduled<Void>?
    private var isFeeding = false
    private var isReadOwed = false
    private var isInputClosed = false
    private var isCloseTold = false

    init(shared: Shared, room: ReadRoom) {
        self.shared = shared
        self.room = room
        headerBytes = shared.limits.headerBytes
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        alarm?.cancel()
        room.close()
        onTimeout = {}
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if case .draining = stage { return }
        if rest.readableBytes == 0 {
            rest = bytes
        } else if !room.append(bytes, to: &rest) {
            // Read because the client closed its side: nobody waits for these.
            return context.close(promise: nil)
        }
        feed()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        room.keep(torn: headBytes, rest: rest)
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed? = event as? ChannelEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        if case .draining = stage { return context.close(promise: nil) }
        isInputClosed = true
        feed()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        feed()
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        isReadOwed = true
        goOnReading()
    }

    private func goOnReading() {
        guard isReadOwed, !isInputClosed, let context, rest.readableBytes == 0 else { return }
        switch stage {
        case .answering: return
        case .draining: break
        case .head, .body: guard context.channel.isWritable else { return }
        }
        isReadOwed = false
        context.read()
    }

    private func feed() {
        guard !isFeeding else { return }
        isFeeding = true
        while let piece = nextPiece() {
            if deadline == nil { startClock() }
            givenBytes += piece.readableBytes
            context?.fireChannelRead(wrapInboundOut(piece))
            guard affordsHead() else { break }
        }
        isFeeding = false
        if rest.readableBytes == 0 {
            rest = ByteBuffer()
            if isInputClosed, !isCloseTold, let context {
                isCloseTold = true
                context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            }
        }
        room.keep(torn: headBytes, rest: rest)
        goOnReading()
    }

    private func nextPiece() -> ByteBuffer? {
        guard rest.readableBytes > 0, let channel = context?.channel, channel.isWritable else {
            return nil
        }
        switch stage {
        case .head:
            let count = min(rest.readableBytes, Self.pieceBytes)
            headBytes += count
            return smallPiece(count)
        case .body(let left?) where left > 0:
            let count = min(rest.readableBytes, left)
            stage = .body(left - count)
            return count == rest.readableBytes ? rest.readSlice(length: count) : smallPiece(count)
        case .body: return smallPiece(min(rest.readableBytes, Self.pieceBytes))
        case .answering: return nil
        case .draining:
            rest = ByteBuffer()
            return nil
        }
    }

    /// The decoder may keep the piece: it mustn't keep a large read's buffer by that.
    private func smallPiece(_ count: Int) -> ByteBuffer? {
        guard rest.storageCapacity > ReadRoom.smallBytes else {
            return rest.readSlice(length: count)
        }
        return rest.readBytes(length: count).map { ByteBuffer(bytes: $0) }
    }

    // MARK: The request's course, as the handler behind the decoder sees it

    /// The head has been read. - Parameter bodyBytes: as announced; nil: chunked.
    func began(bodyBytes: Int?) {
        if case .draining = stage { return }
        stage = .body(bodyBytes)
    }

    /// The whole request has been read.
    func ended() {
        deadline = nil
        if case .draining = stage { return }
        stage = .answering
    }

    /// The answer is being written.
    func answering() {
        guard case .answering = stage else { return }
        stage = .head
        headBytes = 0
        givenBytes = 0
    }

    /// The answer has been written: the next request may come.
    func goOn() { feed() }

    /// The last answer has been written. - Parameter isWhole: its request has been read to its end.
    func close(isWhole: Bool) {
        if isWhole, rest.readableBytes == 0 { context?.close(promise: nil) } else { drain() }
    }

    /// Not all has been read: a close would make the kernel send a reset, which may overtake the
    /// answer. So the connection closes when the client has closed its side, or soon.
    private func drain() {
        guard let context else { return }
        stage = .draining
        rest = ByteBuffer()
        room.keep(torn: 0, rest: rest)
        guard !isInputClosed else { return context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        alarm?.cancel()
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(Self.drainSeconds)) {
            [self] in self.context?.close(promise: nil)
        }
        isReadOwed = true
        goOnReading()
    }

    // MARK: Time and memory

    /// The alarm of an earlier request is left to ring, and is then set anew: setting and cancelling
    /// one for each would cost more than reading it.
    private func startClock() {
        guard let context else { return }
        let end = context.eventLoop.now + .seconds(Int64(shared.limits.requestSeconds))
        deadline = end
        if alarm == nil { setAlarm(end) }
    }

    private func setAlarm(_ time: NIODeadline) {
        alarm = context?.eventLoop.assumeIsolated().scheduleTask(deadline: time) { [self] in
            alarm = nil
            guard let deadline, let context else { return }
            if deadline > context.eventLoop.now { return setAlarm(deadline) }
            shared.counters.reached(.requestTimeout)
            if case .head = stage {
                refuse("408 Request Timeout", "timeout", "the request took too long")
            } else {
                onTimeout()
            }
        }
    }

    /// A head that outgrows the connection's share needs room for the largest. The decoder refuses a
    /// larger one itself, but for what follows a request to speak another protocol.
    private func affordsHead() -> Bool {
        guard case .head = stage else { return true }
        guard headBytes <= 2 * headerBytes else {
            context?.close(promise: nil)
            return false
        }
        if room.holds(torn: headBytes) { return true }
        shared.counters.rejected(.http, reason: Reason.overloaded.index)
        refuse(
            "503 Service Unavailable", Reason.overloaded.code, "nothing was taken: send it again",
            headers: "retry-after: 1\r\n")
        return false
    }

    /// What came isn't the head of a request, or is longer than one may be.
    func refuseHead(isTooLong: Bool) {
        if case .draining = stage { return }
        if isTooLong {
            shared.counters.reached(.headerBytes)
            refuse(
                "431 Request Header Fields Too Large", "too_large",
                "the headers are longer than the limit")
        } else {
            refuse("400 Bad Request", "malformed_request", "this is no request of HTTP/1")
        }
    }

    /// Answers a head that isn't complete, so past the encoder.
    private func refuse(_ status: String, _ code: String, _ detail: String, headers: String = "") {
        let body = "{\"error\":\"\(code)\",\"detail\":\"\(detail)\"}\n"
        let text =
            "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\n\(headers)connection: close\r\n"
            + "content-length: \(body.utf8.count)\r\n\r\n\(body)"
        shared.counters.answered(status: Int(status.prefix(3)) ?? 503)
        context?.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        drain()
    }
}
