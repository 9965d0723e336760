import Admission
import Engagement
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import Telemetry

/// One HTTP/1.1 connection: collects a request within its limits, asks the routes, answers.
///
/// The pipeline handler in front lets one request through at a time.
final class HTTPHandler: ChannelInboundHandler, FlightPassenger {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let lane: Lane
    private let shared: Shared
    private let routes: Routes
    private let fromLoopback: Bool
    private var context: ChannelHandlerContext?
    private var request: Request?
    private var reserved = 0
    private var awaited: Answer?
    private var deadline: Scheduled<Void>?
    /// The request was answered before its end: what still comes of it is passed over.
    private var isPassingOver = false
    private var isInputClosed = false

    init(lane: Lane, shared: Shared, fromLoopback: Bool) {
        self.lane = lane
        self.shared = shared
        self.fromLoopback = fromLoopback
        routes = Routes(lane: lane, shared: shared)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        release()
        deadline?.cancel()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(var part): collect(&part)
        case .end:
            deadline?.cancel()
            guard !isPassingOver, let whole = request else { return }
            switch routes.reply(to: whole) {
            case .now(let answer): finish(answer)
            case .durable(let answer, let flight):
                awaited = answer
                _ = flight.board(self, mark: 0, seat: nil)
            }
        }
    }

    func landed(mark: UInt64, ok: Bool) {
        guard let answer = awaited else { return }
        awaited = nil
        if ok { finish(answer) } else { context?.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            if awaited == nil { context.close(promise: nil) }
        } else if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            isInputClosed = true
            if request == nil { context.close(promise: nil) }
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard request != nil, !isPassingOver else { return context.close(promise: nil) }
        switch error {
        case NIOHTTPDecompression.DecompressionError.limit:
            refuse(.payloadTooLarge, .tooLarge, "the inflated body is too large")
        case is NIOHTTPDecompression.DecompressionError,
            is NIOHTTPDecompression.ExtraDecompressionError:
            refuse(.badRequest, .malformedJSON, "the body isn't valid gzip or deflate")
        default: context.close(promise: nil)
        }
    }

    // MARK: Collecting

    private func begin(_ head: HTTPRequestHead) {
        isPassingOver = false
        request = Request(head: head, body: ByteBuffer(), fromLoopback: fromLoopback)
        deadline = context?.eventLoop.assumeIsolated().scheduleTask(
            in: .seconds(Int64(shared.limits.requestSeconds))
        ) { [self] in
            fail(.error(.requestTimeout, "timeout", "the request took too long"))
        }
        if let announced = head.headers.first(name: "content-length").flatMap({ Int($0) }),
            announced > shared.limits.bodyBytes
        {
            tooLarge()
        }
    }

    private func collect(_ part: inout ByteBuffer) {
        guard !isPassingOver, request != nil else { return }
        let bytes = part.readableBytes
        let isInflated = request?.head.headers.contains(name: "content-encoding") ?? false
        let limit = isInflated ? shared.limits.inflatedBodyBytes : shared.limits.bodyBytes
        guard reserved + bytes <= limit else { return tooLarge() }
        guard shared.reserve(bodyBytes: bytes) else { return fail(.busy(.overloaded)) }
        reserved += bytes
        shared.counters.received(.http, bytes: bytes)
        request?.body.writeBuffer(&part)
    }

    private func tooLarge() {
        refuse(.payloadTooLarge, .tooLarge, "the body is larger than the limit")
    }

    private func release() {
        if reserved > 0 { shared.release(bodyBytes: reserved) }
        reserved = 0
    }

    // MARK: Answering

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
        deadline?.cancel()
        var answer = answer
        answer.headers.replaceOrAdd(name: "connection", value: "close")
        finish(answer)
    }

    private func finish(_ answer: Answer) {
        guard let context, let request else { return }
        self.request = nil
        release()
        var headers = answer.headers
        if answer.status != .noContent {
            headers.add(name: "content-length", value: "\(answer.body.readableBytes)")
        }
        if let origin = request.origin {
            headers.add(name: "access-control-allow-origin", value: origin)
            headers.add(name: "vary", value: "Origin")
        }
        let keepsAlive =
            request.head.isKeepAlive && !isInputClosed && headers.first(name: "connection") == nil
        if !keepsAlive { headers.replaceOrAdd(name: "connection", value: "close") }
        shared.counters.answered(status: Int(answer.status.code))
        let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.head.method != .HEAD, answer.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        let done = context.eventLoop.makePromise(of: Void.self)
        if !keepsAlive {
            let channel = context.channel
            done.futureResult.whenComplete { _ in channel.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: done)
    }
}
