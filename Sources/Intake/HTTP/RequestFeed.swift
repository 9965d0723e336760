import Admission
import NIOCore
import Telemetry

/// One HTTP/1.1 connection's bytes: gives one request at a time to the handler, and takes its answers.
///
/// A read can hold a thousand small requests. None is looked at while another waits for its answer or the
/// client doesn't read its answers; then nothing more is read from the socket either. It also holds
/// requests to their time, counted from the first byte, and heads to their memory; and it closes what
/// is silent, in place of NIO's handler for that, which makes a promise for each write.
final class RequestFeed: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Where the request stands whose bytes come next.
    private enum Stage {
        case head, body
        /// Read to its end, and not yet answered.
        case answering
        /// The last answer is being written.
        case over
        /// Answered before its end: the rest is read and dropped, so that the answer isn't lost to a
        /// reset.
        case draining
    }

    /// How long a client that was turned away may go on sending.
    private static let drainSeconds: Int64 = 5

    private let shared: Shared
    private let room: ReadRoom
    private let handler: HTTPHandler
    /// Rules may change; a request is held to those that its connection began with.
    private let headerBytes: Int

    private var context: ChannelHandlerContext?
    private var reader = RequestReader()
    private var stage = Stage.head
    private var rest = ByteBuffer()
    private var headBytes = 0
    /// What came of the request, head included.
    private(set) var givenBytes = 0
    /// By when the request must have been read; nil while none is being read.
    private var deadline: NIODeadline?
    private var alarm: Scheduled<Void>?
    /// When something was last read or answered.
    private var lastSign = NIODeadline.uptimeNanoseconds(0)
    private var idleAlarm: Scheduled<Void>?
    private var isFeeding = false
    private var isFlushOwed = false
    private var isReadOwed = false
    private var isInputClosed = false
    /// Of the channel, which is slow to ask.
    private var isWritable = true
    private var isCloseTold = false

    init(shared: Shared, room: ReadRoom, handler: HTTPHandler) {
        self.shared = shared
        self.room = room
        self.handler = handler
        headerBytes = shared.limits.headerBytes
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isWritable = context.channel.isWritable
        lastSign = context.eventLoop.now
        handler.added(to: self, context)
        setIdleAlarm(lastSign + idleTime)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        alarm?.cancel()
        idleAlarm?.cancel()
        room.close()
        handler.removed()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        lastSign = context.eventLoop.now
        if case .draining = stage { return }
        if rest.readableBytes == 0 {
            rest = bytes
        } else if !room.append(bytes, to: &rest) {
            if case .head = stage, !isInputClosed { return refuseForMemory() }
            // Read because the client closed its side: nobody waits for these.
            return context.close(promise: nil)
        }
        feed()
    }

    /// TLS may have read without anything to take apart.
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
        lastSign = context.eventLoop.now
        isWritable = context.channel.isWritable
        feed()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func read(context: ChannelHandlerContext) {
        isReadOwed = true
        goOnReading()
    }

    private func goOnReading() {
        guard isReadOwed, !isInputClosed, let context else { return }
        switch stage {
        case .answering, .over: return
        case .draining: break
        // What is left of a read waits for more, or for the client to read.
        case .head, .body: guard isWritable else { return }
        }
        isReadOwed = false
        context.read()
    }

    // MARK: Taking apart

    private func feed() {
        guard !isFeeding, let context else { return }
        isFeeding = true
        repeat {
            isFlushOwed = false
            while isWritable, step() {}
            // One write for all the answers to a read. It may make room for more.
            if isFlushOwed { context.flush() }
        } while isFlushOwed
        isFeeding = false
        if isInputClosed, isWritable { tellEnd() }
        if rest.readableBytes == 0 {
            rest = ByteBuffer()
        } else if rest.readableBytes <= ReadRoom.smallBytes,
            rest.storageCapacity > ReadRoom.smallBytes
        {
            rest = copy(rest)
        }
        room.keep(torn: headBytes, rest: rest)
        goOnReading()
    }

    /// False: nothing can be done before more has come, or has gone out.
    private func step() -> Bool {
        do throws(RequestReader.Mistake) {
            switch stage {
            case .head: return try stepHead()
            case .body: return try stepBody()
            case .answering, .over: return false
            case .draining:
                rest = ByteBuffer()
                return false
            }
        } catch {
            if case .body = stage { handler.misunderstood() } else { refuseHead(error) }
            return false
        }
    }

    private func stepHead() throws(RequestReader.Mistake) -> Bool {
        guard rest.readableBytes > 0 else { return false }
        if deadline == nil {
            reader.restart()
            startClock()
        }
        let count = try rest.withUnsafeReadableBytes {
            (bytes) throws(RequestReader.Mistake) in
            try reader.head(in: bytes.bindMemory(to: UInt8.self), limit: headerBytes)
        }
        guard let count, let head = rest.readSlice(length: count) else { return false }
        headBytes = count
        givenBytes = count
        guard room.holds(torn: count) else {
            refuseForMemory()
            return false
        }
        // It mustn't keep a large read's buffer.
        reader.keep(head.storageCapacity > ReadRoom.smallBytes ? copy(head) : head)
        stage = .body
        handler.begin(reader.head)
        return true
    }

    private func stepBody() throws(RequestReader.Mistake) -> Bool {
        let step = try rest.withUnsafeReadableBytes { (bytes) throws(RequestReader.Mistake) in
            try reader.body(in: bytes.bindMemory(to: UInt8.self), limit: headerBytes)
        }
        switch step {
        case .data(let skip, let count):
            pass(skip)
            givenBytes += count
            if let part = rest.readSlice(length: count) { handler.collect(part) }
            return true
        case .end(let skip):
            pass(skip)
            deadline = nil
            stage = .answering
            handler.end()
            return true
        case .more(let skip):
            pass(skip)
            return false
        }
    }

    private func pass(_ count: Int) {
        rest.moveReaderIndex(forwardBy: count)
        givenBytes += count
    }

    private func copy(_ bytes: ByteBuffer) -> ByteBuffer {
        ByteBuffer(bytes: bytes.readableBytesView)
    }

    /// The client has closed its side, and nothing whole is left of what it sent.
    private func tellEnd() {
        switch stage {
        case .head where rest.readableBytesView.contains { $0 != 13 && $0 != 10 }:
            refuseHead(.malformed)
        case .body: handler.misunderstood()
        case .head, .answering:
            if stage == .answering, rest.readableBytes > 0 { return }
            guard !isCloseTold else { return }
            isCloseTold = true
            handler.inputClosed()
        case .over, .draining: break
        }
    }

    // MARK: The request's course, as the handler sees it

    /// The answer is about to be written. - Parameter goesOn: it isn't the last.
    func answering(goesOn: Bool) {
        stage = goesOn ? .head : .over
        headBytes = 0
    }

    func write(_ answer: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        guard let context else { return }
        context.write(wrapOutboundOut(answer), promise: promise)
        if isFeeding {
            isFlushOwed = true
        } else {
            lastSign = context.eventLoop.now
            context.flush()
        }
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

    // MARK: Time

    /// The alarm of an earlier request is left to ring, and is then set anew: setting and cancelling
    /// one for each would cost more than reading it.
    private func startClock() {
        let end = lastSign + .seconds(Int64(shared.limits.requestSeconds))
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
                refuse(.error(.requestTimeout, "timeout", "the request took too long"))
            } else {
                handler.timedOut()
            }
        }
    }

    private var idleTime: TimeAmount { .seconds(Int64(shared.limits.idleSeconds)) }

    private func setIdleAlarm(_ time: NIODeadline) {
        idleAlarm = context?.eventLoop.assumeIsolated().scheduleTask(deadline: time) { [self] in
            guard let context else { return }
            let now = context.eventLoop.now
            if handler.isWaiting { return setIdleAlarm(now + idleTime) }
            if lastSign + idleTime > now { return setIdleAlarm(lastSign + idleTime) }
            shared.counters.reached(.idleTimeout)
            context.close(promise: nil)
        }
    }

    // MARK: Refusing heads

    private func refuseForMemory() {
        shared.counters.rejected(.http, reason: Reason.overloaded.index)
        refuse(.busy(.overloaded))
    }

    private func refuseHead(_ mistake: RequestReader.Mistake) {
        switch mistake {
        case .tooLong:
            shared.counters.reached(.headerBytes)
            refuse(
                .error(
                    .requestHeaderFieldsTooLarge, "too_large",
                    "the headers are longer than the limit"))
        case .malformed:
            refuse(.error(.badRequest, "malformed_request", "this is no request of HTTP/1"))
        }
    }

    private func refuse(_ answer: Answer) {
        shared.counters.answered(status: answer.status.rawValue)
        context?.writeAndFlush(wrapOutboundOut(answer.bytes(.closes, nil)), promise: nil)
        drain()
    }
}
