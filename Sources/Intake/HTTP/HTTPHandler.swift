import Admission
import Engagement
import NIOCore
import Telemetry

/// What is said on one HTTP/1.1 connection: collects a request within its limits, asks the routes, answers.
///
/// The feed lets one request through at a time. A body is reserved for as it grows; once it has been
/// admitted, until the disk has its lines.
final class HTTPHandler: FlightPassenger {
    /// Up to here nobody asks by how much a body has grown. schemas/settings.md, `limits.inflate_ratio`.
    private static let inflatedFloor = 64 << 10

    private let lane: Lane
    private let shared: Shared
    private let routes: Routes
    private let peer: Peer
    private var feed: RequestFeed?
    private var context: ChannelHandlerContext?
    private var request: Request?
    private var reserved = 0
    private var collected = 0
    /// What the body takes as it is sent; nil: chunked, so its end will tell.
    private var announced: Int?
    private var inflater: BodyInflater?
    /// Requests that have begun on this connection.
    private var requests = 0
    private var awaited: Answer?
    private var isAsking = false
    /// The request was answered before its end: what still comes of it is passed over.
    private var isPassingOver = false
    private var isInputClosed = false

    init(lane: Lane, shared: Shared, peer: Peer) {
        self.lane = lane
        self.shared = shared
        self.peer = peer
        routes = Routes(lane: lane, shared: shared)
    }

    func added(to feed: RequestFeed, _ context: ChannelHandlerContext) {
        self.feed = feed
        self.context = context
    }

    func removed() {
        release()
        inflater = nil
        feed = nil
        context = nil
    }

    func landed(mark: UInt64, ok: Bool) {
        guard let answer = awaited else { return }
        awaited = nil
        if ok { finish(answer) } else { context?.close(promise: nil) }
    }

    /// An answer waits for the disk, or for somebody else: the client's silence is no fault of its own.
    var isWaiting: Bool { awaited != nil || isAsking }

    func timedOut() { fail(.error(.requestTimeout, "timeout", "the request took too long")) }

    /// Nothing more will come.
    func inputClosed() {
        isInputClosed = true
        if request == nil { context?.close(promise: nil) }
    }

    /// What follows can't be taken apart any more: nothing else is read of this connection.
    func misunderstood() {
        fail(.error(.badRequest, "malformed_request", "the body isn't framed by HTTP/1's rules"))
    }

    // MARK: Collecting

    func begin(_ head: RequestHead) {
        isPassingOver = false
        collected = 0
        requests += 1
        let request = Request(head: head, client: peer.client(shared.proxies, head))
        self.request = request
        announced = if case .length(let bytes) = head.framing { bytes } else { nil }
        let length = announced ?? 0
        guard length <= shared.limits.bodyBytes else { return tooLarge(.bodyBytes) }
        do throws(BodyInflater.NoMemory) {
            inflater = try head.first(.contentEncoding).flatMap {
                (coding) throws(BodyInflater.NoMemory) in
                try BodyInflater(coding, budget: shared.budget)
            }
        } catch { return fail(routes.busy(.overloaded)) }
        if !head.isOld, head.values(.expect).contains(where: \.isContinue) {
            invite(request, length)
        }
    }

    /// The client asks before it sends the body. What can be refused by the head alone is refused now.
    private func invite(_ request: Request, _ announced: Int) {
        if let refusal = routes.refusal(of: request) { return fail(refusal) }
        guard reserve(upTo: announced) else { return fail(routes.busy(.overloaded)) }
        feed?.write(Answer.goOn)
    }

    func collect(_ part: ByteBuffer) {
        guard !isPassingOver, request != nil else { return }
        guard let inflater else { return part.withUnsafeReadableBytes { take($0) } }
        do throws(BodyInflater.Broken) {
            try part.withUnsafeReadableBytes { (packed) throws(BodyInflater.Broken) in
                try inflater.inflate(packed.bindMemory(to: UInt8.self), by: &shared.inflated) {
                    [self] in
                    take(UnsafeRawBufferPointer($0))
                    return !isPassingOver
                }
            }
        } catch { broken() }
    }

    private func broken() {
        refuse(.badRequest, .malformedJSON, "the body isn't valid gzip or deflate")
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        let isInflated = inflater != nil
        let limit = isInflated ? shared.limits.inflatedBodyBytes : shared.limits.bodyBytes
        collected += bytes.count
        guard collected <= limit else {
            return isInflated
                ? tooLarge(.inflatedBodyBytes, "the inflated body is too large")
                : tooLarge(.bodyBytes)
        }
        if let announced, isBomb(of: announced) { return tooMuch() }
        guard reserve(upTo: collected) else { return fail(routes.busy(.overloaded)) }
        shared.counters.received(.http, bytes: bytes.count)
        request?.body.writeBytes(bytes)
    }

    /// The whole request has been read.
    func end() {
        if announced == nil, isBomb(of: feed?.givenBytes ?? 0) { tooMuch() }
        if let inflater, !inflater.isWhole { broken() }
        if !isPassingOver { answer() }
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
        inflater = nil
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
    private func refuse(_ status: Status, _ reason: Reason, _ cause: StaticString) {
        guard !isPassingOver, request != nil else { return }
        let rejection = Rejection(reason, nil, cause)
        lane.reject(rejection, via: .http, line: UnsafeBufferPointer(start: nil, count: 0))
        fail(.error(status, reason.code, rejection.detail))
    }

    /// Answers before the request has ended, and closes: the rest isn't worth reading.
    private func fail(_ answer: Answer) {
        guard !isPassingOver, request != nil else { return }
        isPassingOver = true
        inflater = nil
        finish(answer, closes: true)
    }

    private func finish(_ answer: Answer, closes: Bool = false) {
        guard let feed, let request else { return }
        self.request = nil
        var keepsAlive = request.head.keepsAlive && !isInputClosed && !closes
        if keepsAlive, requests == shared.limits.requestsPerConnection {
            shared.counters.reached(.requestsPerConnection)
            keepsAlive = false
        }
        shared.counters.answered(status: answer.status.rawValue)
        // Pipelined requests may begin while this is being written.
        feed.answering(goesOn: keepsAlive)
        feed.write(
            bytes(of: answer, to: request, keepsAlive: keepsAlive),
            promise: written(keepsAlive: keepsAlive))
        if keepsAlive { feed.goOn() }
    }

    private func bytes(of answer: Answer, to request: Request, keepsAlive: Bool) -> ByteBuffer {
        let head = request.head
        if keepsAlive, !head.isOld, head.method != .HEAD, !head.contains(.origin),
            let ready = answer.ready
        {
            return ready
        }
        return answer.bytes(
            !keepsAlive ? .closes : head.isOld ? .goesOnAsAsked : .goesOn, CrossOrigin(request),
            isBare: head.method == .HEAD)
    }

    /// What is to be done when the answer has been written; nil: nothing, as after most.
    private func written(keepsAlive: Bool) -> EventLoopPromise<Void>? {
        guard !keepsAlive || reserved > 0, let context else { return nil }
        let done = context.eventLoop.makePromise(of: Void.self)
        let (bytes, isWhole) = (reserved, !isPassingOver)
        reserved = 0
        done.futureResult.assumeIsolated().whenComplete { [self] _ in
            shared.budget.release(bytes)
            if !keepsAlive { feed?.close(isWhole: isWhole) }
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
