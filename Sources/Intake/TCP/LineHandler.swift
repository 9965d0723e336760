import Admission
import Dialects
import Engagement
import NIOCore
import Telemetry

/// NDJSON over TCP, with or without the hello/ack protocol. Source: schemas/wire.md.
///
/// Line numbers count every newline after the hello. An answer `{"rejected":…}` is written when
/// the line is refused, so always before the ack that covers it; acks are cumulative and leave
/// when the flight that carries the last line of a read has landed.
final class LineHandler: ChannelDuplexHandler, FlightPassenger {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let lane: Lane
    private let shared: Shared
    private var door: Door
    private let fromLoopback: Bool
    private var framer: LineFramer
    private var context: ChannelHandlerContext?

    private var isFirstLine = true
    private var wantsAcks = false
    /// Lines taken since the hello, and the highest number already acknowledged.
    private var taken: UInt64 = 0
    private var acked: UInt64 = 0
    private var ticket = Ticket()
    private var isInputClosed = false
    private var isClosing = false
    private var isParked = false
    private var answers = ByteBuffer()

    init(lane: Lane, shared: Shared, fromLoopback: Bool) {
        self.lane = lane
        self.shared = shared
        self.fromLoopback = fromLoopback
        door = Door(
            via: .tcp, grant: shared.sites.grant(key: [UInt8](), fromLoopback: fromLoopback))
        framer = LineFramer(maximumLineBytes: shared.limits.lineBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        lane.forget(self)
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard !isClosing else { return }
        shared.counters.received(.tcp, bytes: buffer.readableBytes)
        buffer.withUnsafeReadableBytes { bytes in framer.take(bytes, run) }
        settle()
    }

    /// Half-close ends the input: the last line counts without its newline, all acks go out, and
    /// then, with everything on disk, the connection closes, also one that asked for no answers.
    /// A reset ends everything at once.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            guard !isClosing else { return }
            isInputClosed = true
            framer.finish(run)
            settle()
            lane.flushSoon()
            closeIfDone()
        } else if event is IdleStateHandler.IdleStateEvent {
            if !isParked, taken == acked { context.close(promise: nil) }
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Back-pressure: while the sink is congested nothing is read, and TCP slows the sender.
    func read(context: ChannelHandlerContext) {
        guard lane.isHeld else { return context.read() }
        isParked = true
        lane.park(self) { [self] in
            isParked = false
            self.context?.read()
        }
    }

    // MARK: Lines

    private func run(_ run: LineFramer.Run) {
        guard !isClosing else { return }
        switch run {
        case .lines(let lines): admit(lines)
        case .tooLong(let beginning):
            isFirstLine = false
            taken += 1
            refuse(Rejection(.tooLarge, nil, "the line is longer than the limit"), beginning)
        }
    }

    private func admit(_ lines: UnsafeBufferPointer<UInt8>) {
        guard let base = lines.baseAddress else { return }
        var at = 0
        if isFirstLine {
            at = greet(lines)
            if isClosing { return }
        }
        var hasAccepted = false
        while at < lines.count {
            let step = lane.admit(base, from: at, limit: lines.count, door: door)
            at = step.next
            taken &+= 1
            switch step.verdict {
            case .accepted: hasAccepted = true
            case .rejected(let rejection): answer(rejection)
            case .blank: break
            }
        }
        if hasAccepted, let flight = lane.latest {
            ticket.board(flight, self, mark: taken)
        }
    }

    /// Reads the hello, if the first line is one. Gives where the lines begin.
    private func greet(_ lines: UnsafeBufferPointer<UInt8>) -> Int {
        isFirstLine = false
        let end = lines.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? lines.count
        guard let hello = Hello(UnsafeBufferPointer(rebasing: lines[0..<end])) else { return 0 }
        guard hello.isKnownVersion else {
            turnAway("unsupported_version", "this server speaks \(Hello.version)")
            return end
        }
        door.grant = shared.sites.grant(key: hello.key, fromLoopback: fromLoopback)
        guard door.grant != nil else {
            turnAway(
                Reason.unknownKey.code,
                hello.key.isEmpty ? "a write key is required" : "the write key is not known")
            return end
        }
        wantsAcks = hello.wantsAcks
        if wantsAcks { answers.writeString("{\"engaged\":1,\"acks\":true}\n") }
        return end
    }

    private func turnAway(_ code: String, _ detail: String) {
        answers.writeString("{\"engaged\":1,\"error\":\"\(code)\",\"detail\":\"\(detail)\"}\n")
        isClosing = true
        send()
        context?.close(mode: .all, promise: nil)
    }

    private func refuse(_ rejection: Rejection, _ line: UnsafeBufferPointer<UInt8>) {
        lane.reject(rejection, via: .tcp, line: line)
        answer(rejection)
    }

    private func answer(_ rejection: Rejection) {
        guard wantsAcks else { return }
        answers.writeString(
            "{\"rejected\":\(taken),\"reason\":\"\(rejection.reason.code)\",\"detail\":\"\(rejection.detail)\"}\n"
        )
    }

    // MARK: Acks

    /// After a read: what needs no disk is acknowledged at once, or with what came before it.
    private func settle() {
        if taken > acked, !ticket.extend(self, mark: taken) { acknowledge(taken) }
        send()
    }

    func landed(mark: UInt64, ok: Bool) {
        guard ok else {
            context?.close(promise: nil)
            return
        }
        if mark > acked { acknowledge(mark) }
        send()
        closeIfDone()
    }

    private func acknowledge(_ line: UInt64) {
        acked = line
        if wantsAcks { answers.writeString("{\"ack\":\(line)}\n") }
    }

    private func send() {
        guard let context, answers.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(answers), promise: nil)
        answers = ByteBuffer()
    }

    private func closeIfDone() {
        guard isInputClosed, !isClosing, acked == taken else { return }
        isClosing = true
        context?.close(mode: .all, promise: nil)
    }
}
