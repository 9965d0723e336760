import Admission
import Engagement
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import Telemetry

/// One HTTP/1.1 connection: collects a request within its limits, asks the routes, answers.
///
/// The feed in front lets one request through at a time. A body is reserved for as it grows; once it
/// has been admitted, until the disk has its lines.
final class HTTPHandler: ChannelInboundHandler, FlightPassenger {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Up to here nobody asks by how much a body has grown. schemas/settings.md, `limits.inflate_ratio`.
    private static let inflatedFloor = 64 << 10

    private let lane: Lane
    private let shared: Shared
    private let routes: Routes
    private let feed: RequestFeed
    private let peer: Peer
    private var context: ChannelHandlerContext?
    private var request: Request?
    private var reserved = 0
    private var collected = 0
    /// What the body takes as it is sent; nil: chunked, so its end will tell.
    private var announced: Int?
    /// Requests that have begun on this connection.
    private var requests = 0
    private var awaited: Answer?
    private var isAsking = false
    /// The request was answered before its end: what still comes of it is passed over.
    private var isPassingOver = false
    private var isInputClosed = false

    init(lane: Lane, shared: Shared, feed: RequestFeed, peer: Peer) {
        self.lane = lane
        self.shared = shared
        self.feed = feed
        self.peer = peer
        routes = Routes(lane: lane, shared: shared)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        feed.onTimeout = { [self] in
            fail(.error(.requestTimeout, "timeout", "the request took too long"))
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        release()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(var part): collect(&part)
        case .end:
            feed.ended()
            if announced == nil, isBomb(of: feed.givenBytes) { tooMuch() }
            if !isPassingOver { answer() }
        }
    }

    func landed(mark: UInt64, ok: Bool) {
        guard let answer = awaited else { return }
        awaited = nil
        if ok { finish(answer) } else { context?.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            guard awaited == nil, !isAsking else { return }
            shared.counters.reached(.idleTimeout)
            context.close(promise: nil)
        } else if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            isInputClosed = true
            if request == nil { context.close(promise: nil) }
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError { return misunderstood(error) }
        guard request != nil, !isPassingOver else { return context.close(promise: nil) }
        switch error {
        case NIOHTTPDecompression.DecompressionError.limit:
            tooLarge(.inflatedBodyBytes, "the inflated body is too large")
        case is NIOHTTPDecompression.DecompressionError,
            is NIOHTTPDecompression.ExtraDecompressionError:
            refuse(.badRequest, .malformedJSON, "the body isn't valid gzip or deflate")
        default: context.close(promise: nil)
        }
    }

    /// What follows can't be taken apart any more: nothing else is read of this connection.
    private func misunderstood(_ error: HTTPParserError) {
        if isPassingOver { return }
        if request != nil {
            fail(
                .error(.badRequest, "malformed_request", "the body isn't framed by HTTP/1's rules"))
        } else {
            feed.refuseHead(isTooLong: error == .headerOverflow)
        }
    }

    // MARK: Collecting

    private func begin(_ head: HTTPRequestHead) {
        isPassingOver = false
        collected = 0
        requests += 1
        let request = Request(
            head: head, client: peer.client(shared.proxies) { head.headers[$0] })
        self.request = request
        let isChunked = head.headers.contains(name: "transfer-encoding")
        let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        announced = isChunked ? nil : length
        feed.began(bodyBytes: announced)
        guard length <= shared.limits.bodyBytes else { return tooLarge(.bodyBytes) }
        if head.version == .http1_1, head.headers["expect"].contains(where: \.isContinue) {
            invite(request, length)
        }
    }

    /// The client asks before it sends the body. What can be refused by the head alone is refused now.
    private func invite(_ request: Request, _ announced: Int) {
        if let refusal = routes.refusal(of: request) { return fail(refusal) }
        guard reserve(upTo: announced) else { return fail(routes.busy(.overloaded)) }
        guard let context else { return }
        let go = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
    }

    private func collect(_ part: inout ByteBuffer) {
        guard !isPassingOver, request != nil else { return }
        let isInflated = request?.head.headers.contains(name: "content-encoding") ?? false
        let limit = isInflated ? shared.limits.inflatedBodyBytes : shared.limits.bodyBytes
        collected += part.readableBytes
        guard collected <= limit else {
            return tooLarge(isInflated ? .inflatedBodyBytes : .bodyBytes)
        }
        if let announced, isBomb(of: announced) { return tooMuch() }
        guard reserve(upTo: collected) else { return fail(routes.busy(.overloaded)) }
        shared.counters.received(.http, bytes: part.readableBytes)
        request?.body.writeBuffer(&part)
    }

    /// Sees to it that a body of so many bytes is paid for. Small ones lie in the connection's share.
    private func reserve(upTo bytes: Int) -> Bool {
        guard bytes > ReadRoom.smallBytes else { return true }
        let needed = bytes.nextPowerOfTwo
        guard needed > reserved else { return true }
        guard shared.budget.reserve(needed - reserved) else { return false }
        reserved = needed
        return true
    }

    /// Small bodies may be as repetitive as they like. It is the whole body's size that is asked for, so
    /// that it makes no difference how much of it has come.
    private func isBomb(of bytes: Int) -> Bool {
        let ratio = shared.limits.inflateRatio
        return ratio > 0 && collected > Self.inflatedFloor && collected / ratio > bytes
    }

    private func tooMuch() {
        tooLarge(.inflateRatio, "the body inflates too much for what was sent")
    }

    private func tooLarge(
        _ limit: Limit, _ cause: StaticString = "the body is larger than the limit"
    ) {
        guard !isPassingOver, request != nil else { return }
        shared.counters.reached(limit)
        refuse(.payloadTooLarge, .tooLarge, cause)
    }

    private func release() {
        shared.budget.release(reserved)
        reserved = 0
    }

    // MARK: Answering

    private func answer() {
        guard let whole = request else { return }
        // Elements of an array may be copied to take out their white space.
        guard reserve(upTo: 2 * collected) else { return finish(routes.busy(.overloaded)) }
        let reply = routes.reply(to: whole)
        request?.body = ByteBuffer()
        switch reply {
        case .now(let answer): finish(afford(answer))
        case .admitted(let answer, let flight):
            lend(to: flight)
            finish(afford(answer))
        case .durable(let answer, let flight):
            lend(to: flight)
            awaited = afford(answer)
            _ = flight.board(self, mark: 0, seat: nil)
        case .later(let ask):
            isAsking = true
            ask { [self] answer in
                isAsking = false
                finish(afford(answer))
            }
        }
    }

    /// The lines in the queue take the place of the body, until they are on disk.
    private func lend(to flight: Flight) {
        guard reserved > 0 else { return }
        _ = flight.board(Loan(budget: shared.budget, bytes: reserved), mark: 0, seat: nil)
        reserved = 0
    }

    /// An answer that tells of many lines is kept until the client has read it: it is reserved for, or
    /// else it only says how many they were.
    private func afford(_ answer: Answer) -> Answer {
        release()
        guard answer.body.readableBytes > ReadRoom.smallBytes, let brief = answer.brief else {
            return answer
        }
        if reserve(upTo: answer.body.readableBytes) { return answer }
        var answer = answer
        answer.body = brief
        return answer
    }

    /// A body that never gets to the gates is counted with its reason as one line.
    private func refuse(_ status: HTTPResponseStatus, _ reason: Reason, _ cause: StaticString) {
        guard !isPassingOver, request != nil else { return }
        let rejection = Rejection(reason, nil, cause)
        lane.reject(rejection, via: .http, line: UnsafeBufferPointer(start: nil, count: 0))
        fail(.error(status, reason.code, rejection.detail))
    }

    /// Answers before the request has ended, and closes: the rest isn't worth reading.
    private func fail(_ answer: Answer) {
        guard !isPassingOver, request != nil else { return }
        isPassingOver = true
        var answer = answer
        answer.headers.replaceOrAdd(name: "connection", value: "close")
        finish(answer)
    }

    private func finish(_ answer: Answer) {
        guard let context, let request else { return }
        self.request = nil
        var headers = answer.headers
        if answer.status.mayHaveResponseBody {
            headers.add(name: "content-length", value: "\(answer.body.readableBytes)")
        }
        headers.addCrossOrigin(for: request)
        var keepsAlive =
            request.head.isKeepAlive && !isInputClosed && headers.first(name: "connection") == nil
        if keepsAlive, requests == shared.limits.requestsPerConnection {
            shared.counters.reached(.requestsPerConnection)
            keepsAlive = false
        }
        if !keepsAlive { headers.replaceOrAdd(name: "connection", value: "close") }
        shared.counters.answered(status: Int(answer.status.code))
        let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.head.method != .HEAD, answer.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        // Pipelined requests may begin while this is being written.
        feed.answering()
        let end = wrapOutboundOut(.end(nil))
        context.writeAndFlush(end, promise: written(context, keepsAlive: keepsAlive))
        if keepsAlive { feed.goOn() }
    }

    /// What is to be done when the answer has been written; nil: nothing, as after most.
    private func written(
        _ context: ChannelHandlerContext, keepsAlive: Bool
    ) -> EventLoopPromise<Void>? {
        if keepsAlive, reserved == 0 { return nil }
        let done = context.eventLoop.makePromise(of: Void.self)
        let (bytes, isWhole) = (reserved, !isPassingOver)
        reserved = 0
        done.futureResult.assumeIsolated().whenComplete { [self] _ in
            shared.budget.release(bytes)
            if !keepsAlive { feed.close(isWhole: isWhole) }
        }
        return done
    }
}

/// What a body's lines take in the queue, reserved until they are on disk.
private final class Loan: FlightPassenger {
    private let budget: MemoryBudget
    private let bytes: Int

    init(budget: MemoryBudget, bytes: Int) {
        self.budget = budget
        self.bytes = bytes
    }

    func landed(mark: UInt64, ok: Bool) { budget.release(bytes) }
}

extension String {
    fileprivate var isContinue: Bool { lowercased() == "100-continue" }
}
