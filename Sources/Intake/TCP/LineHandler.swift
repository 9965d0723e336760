import Admission
import Dialects
import Engagement
import NIOCore
import Senders
import Telemetry

/// NDJSON over TCP, with or without the hello/ack protocol. Source: schemas/wire.md.
///
/// Line numbers count every newline after the hello. An answer `{"rejected":…}` is written when
/// the line is refused, so always before the ack that covers it; acks are cumulative and leave
/// when the flight that carries the last line of a read has landed.
///
/// What was read and can't be dealt with now stands in `rest`: while the sink is congested, or while
/// the client doesn't read what it is told. Then nothing more is read either, and TCP slows the client.
final class LineHandler: ChannelDuplexHandler, FlightPassenger {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Answers that are made before they are sent: a line of two bytes may be refused in a hundred.
    private static let answerBytes = 4 << 10
    /// How long a client that was turned away may go on sending.
    private static let drainTime = TimeAmount.seconds(5)

    private let lane: Lane
    private let shared: Shared
    private let room: ReadRoom
    private var door: Door
    private let peer: Peer
    /// By which the door was opened; and with this key, if there was a hello.
    private var rules: Rules
    private var key: [UInt8]?
    private var fromLoopback: Bool
    private var framer: LineFramer
    private var context: ChannelHandlerContext?

    private var isFirstLine = true
    /// The key was good once: what was taken by it is still acknowledged, nothing more is taken.
    private var isRevoked = false
    private var wantsAcks = false
    /// Lines taken since the hello, and the highest number already acknowledged.
    private var taken: UInt64 = 0
    private var acked: UInt64 = 0
    private var ticket = Ticket()
    private var isInputClosed = false
    private var isClosing = false
    /// Held back by the sink or by the memory budget: not the client's fault.
    private var isParked = false
    private var isReadOwed = false
    private var isWorking = false
    /// The input has ended and all of it has been dealt with.
    private var isFinished = false
    private var rest = ByteBuffer()
    private var answers = ByteBuffer()
    private var lineDeadline: Scheduled<Void>?
    private var rateWait: Scheduled<Void>?

    init(lane: Lane, shared: Shared, room: ReadRoom, peer: Peer) {
        self.lane = lane
        self.shared = shared
        self.room = room
        self.peer = peer
        rules = shared.rules
        fromLoopback = false
        door = Door(via: .tcp, grant: nil)
        framer = LineFramer(maximumLineBytes: rules.limits.lineBytes)
        open()
    }

    /// By the rules that hold now.
    private func open() {
        fromLoopback = peer.client(rules.proxies).isHere
        door.open(
            with: rules.sites.grant(key: key ?? [], fromLoopback: fromLoopback),
            fromLoopback: fromLoopback)
        framer.maximumLineBytes = rules.limits.lineBytes
        // A torn line is kept in an array that doubles.
        room.allow(largestBytes: 256 << 10, wholeBytes: 2 * rules.limits.lineBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        lineDeadline?.cancel()
        rateWait?.cancel()
        lane.forget(self)
        room.close()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard !isClosing else { return }
        guard !isRevoked else { return drop(buffer, .unknownKey) }
        shared.counters.received(.tcp, bytes: buffer.readableBytes)
        guard rest.readableBytes > 0 else {
            rest = buffer
            return work()
        }
        // At a half-close NIO reads all that the kernel holds, whether it was asked to or not.
        if room.append(buffer, to: &rest) { work() } else { overflow(buffer) }
    }

    /// There is no memory for lines that can't be taken yet. With acks the client keeps them; without,
    /// they are counted as lost.
    private func overflow(_ buffer: ByteBuffer) {
        isClosing = true
        drop(rest, .overloaded)
        drop(buffer, .overloaded)
        rest = ByteBuffer()
        context?.close(mode: .all, promise: nil)
    }

    private func drop(_ buffer: ByteBuffer, _ reason: Reason) {
        guard !wantsAcks else { return }
        let lines = buffer.readableBytesView.count { $0 == UInt8(ascii: "\n") }
        shared.counters.rejected(.tcp, reason: reason.index, lines, site: door.siteNumber)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        room.keep(torn: framer.tornBytes, rest: rest)
        context.fireChannelReadComplete()
    }

    /// Half-close ends the input: the last line counts without its newline, all acks go out, and
    /// then, with everything on disk, the connection closes, also one that asked for no answers.
    /// A reset ends everything at once.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            if isClosing { return context.close(promise: nil) }
            isInputClosed = true
            work()
        } else if event is IdleStateHandler.IdleStateEvent {
            guard !isParked, taken == acked else { return }
            shared.counters.reached(.idleTimeout)
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { work() }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Reading

    /// Back-pressure: nothing is read while something that was read can't be dealt with.
    func read(context: ChannelHandlerContext) {
        isReadOwed = true
        goOnReading()
    }

    private func goOnReading() {
        guard !isParked, !isInputClosed, let context, rest.readableBytes == 0 else { return }
        guard isReadOwed, isFree, isReadOwed, context.channel.isWritable else { return }
        guard room.mayGrow(torn: framer.tornBytes) else {
            isParked = true
            return lane.awaitRoom(self) { [self] in
                guard room.mayGrow(torn: framer.tornBytes) else { return false }
                isParked = false
                goOnReading()
                return true
            }
        }
        isReadOwed = false
        context.read()
    }

    /// The sink takes lines. False: it will say when it does.
    private var isFree: Bool {
        while lane.isHeld {
            isParked = true
            lane.park(self) { [self] in
                isParked = false
                work()
            }
            // Otherwise the pressure went just now.
            if isParked { return false }
        }
        return isWithinRate
    }

    /// Who sends more than its key may isn't refused, it is read later: TCP slows it down, and nothing
    /// of its lines is lost.
    private var isWithinRate: Bool {
        guard let rate = door.grant?.rate else { return true }
        let wait = rate.wait(now: NIODeadline.now().uptimeNanoseconds)
        guard wait > 0 else { return true }
        isParked = true
        shared.counters.reached(.eventsPerSecond)
        rateWait = context?.eventLoop.assumeIsolated().scheduleTask(
            in: .nanoseconds(Int64(clamping: wait))
        ) { [self] in
            isParked = false
            work()
        }
        return false
    }

    /// Deals with what was read, as far as the sink takes it and the client its answers.
    private func work() {
        // Sending may say that there is room to send, in the middle of this.
        guard !isParked, !isWorking, let channel = context?.channel else { return }
        isWorking = true
        defer { isWorking = false }
        if rules !== shared.rules { reopen() }
        while rest.readableBytes > 0, !isClosing {
            guard isFree, channel.isWritable else { return }
            let count = rest.withUnsafeReadableBytes { framer.take($0, run) }
            rest.moveReaderIndex(forwardBy: count)
            settle()
        }
        rest = ByteBuffer()
        if isInputClosed, !isFinished, !isClosing {
            isFinished = true
            framer.finish(run)
            settle()
            lane.flushSoon()
            closeIfDone()
        }
        room.keep(torn: framer.tornBytes, rest: rest)
        watchTornLine()
        goOnReading()
    }

    /// A reload has put other rules in force.
    private func reopen() {
        rules = shared.rules
        open()
        guard key != nil, door.grant == nil, !isRevoked else { return }
        isRevoked = true
        drop(rest, .unknownKey)
        rest = ByteBuffer()
        turnAwayIfRevoked()
    }

    private func turnAwayIfRevoked() {
        guard isRevoked, acked == taken, !isClosing else { return }
        turnAway(Reason.unknownKey.code, "the write key is not known any more")
    }

    /// A line that has begun holds a place, and a long one memory that others wait for: its end must
    /// come within the time of a request. The alarm of an earlier line is left to ring, and is then set
    /// anew: reads of a stream end within a line nearly always.
    private func watchTornLine() {
        guard framer.tornBytes > 0, lineDeadline == nil else { return }
        let (began, isHello) = (taken, isFirstLine)
        lineDeadline = context?.eventLoop.assumeIsolated().scheduleTask(
            in: .seconds(Int64(shared.limits.requestSeconds))
        ) { [self] in
            lineDeadline = nil
            guard framer.tornBytes > 0 else { return }
            // Another line by now, or one that wasn't read: the delay was ours.
            guard taken == began, isFirstLine == isHello, !isParked else { return watchTornLine() }
            shared.counters.reached(.requestTimeout)
            context?.close(promise: nil)
        }
    }

    // MARK: Lines

    private func run(_ run: LineFramer.Run) -> Int {
        switch run {
        case .lines(let lines):
            return isClosing || isRevoked ? lines.count : admit(lines)
        case .tooLong(let beginning):
            guard !isClosing, !isRevoked else { return beginning.count }
            isFirstLine = false
            taken += 1
            refuse(Rejection(.tooLarge, nil, "the line is longer than the limit"), beginning)
            return beginning.count
        }
    }

    /// Gives how many bytes were taken: all, unless there are many answers to send first.
    private func admit(_ lines: UnsafeBufferPointer<UInt8>) -> Int {
        guard let base = lines.baseAddress else { return 0 }
        var at = 0
        if isFirstLine {
            at = greet(lines)
            if isClosing { return lines.count }
        }
        var hasAccepted = false
        let before = taken
        // A copy for all lines, where the lane would have to take one for each call.
        let door = door
        while at < lines.count, answers.readableBytes < Self.answerBytes {
            let run = lane.admitRun(base, from: at, limit: lines.count, door: door)
            at = run.next
            taken &+= UInt64(run.lines)
            hasAccepted = hasAccepted || run.hasAccepted
            if let rejection = run.rejection { answer(rejection) }
        }
        if let rate = door.grant?.rate {
            rate.charge(Int(taken - before), now: NIODeadline.now().uptimeNanoseconds)
        }
        if hasAccepted, let flight = lane.latest {
            ticket.board(flight, self, mark: taken)
        }
        return min(at, lines.count)
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
        key = hello.key
        door.open(
            with: rules.sites.grant(key: hello.key, fromLoopback: fromLoopback),
            fromLoopback: fromLoopback)
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
        guard let context else { return }
        // What it sent meanwhile is read and dropped: a reset could overtake the answer.
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.drainTime) { [self] in
            self.context?.close(promise: nil)
        }
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
        turnAwayIfRevoked()
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
        guard isFinished, !isClosing, acked == taken, let context else { return }
        isClosing = true
        // A close throws away what the client hasn't taken yet: it comes after the last answer.
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
            channel.close(promise: nil)
        }
    }
}
