import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Asks the admin port of a running daemon: one GET, one answer, a time limit over the whole.
package struct StatusClient: Sendable {
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case unreachable(String)
        case timedOut(seconds: Int)
        case answerTooLarge
        case answerCutShort
        case unauthorized

        package var description: String {
            switch self {
            case .unreachable(let reason): "no daemon answers there: \(reason)"
            case .timedOut(let seconds): "no answer within \(seconds) s"
            case .unauthorized: "it asks for another admin_token"
            case .answerTooLarge: "the answer is longer than 16 MiB"
            case .answerCutShort: "the connection closed before the answer was complete"
            }
        }
    }

    package struct Answer: Sendable, Equatable {
        package var status: Int
        package var body: [UInt8]
    }

    static let maximumBytes = 16 << 20

    private let address: AdminServer.Address
    private let token: String?
    private let timeoutSeconds: Int

    /// - Parameter token: the daemon's `admin_token`, if it has one.
    package init(_ address: AdminServer.Address, token: String? = nil, timeoutSeconds: Int = 15) {
        self.address = address
        self.token = token
        self.timeoutSeconds = timeoutSeconds
    }

    /// - Throws: `Failure`.
    package func get(_ path: String) async throws -> Answer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Answer.self)
        let limit = loop.scheduleTask(in: .seconds(Int64(timeoutSeconds))) {
            promise.fail(Failure.timedOut(seconds: timeoutSeconds))
        }
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.seconds(Int64(timeoutSeconds)))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(
                        AnswerHandler(promise: promise))
                }
            }
        let (connecting, host) =
            switch address {
            case .network(let host, let port):
                (bootstrap.connect(host: host, port: port), "\(host):\(port)")
            case .unix(let path): (bootstrap.connect(unixDomainSocketPath: path), "localhost")
            }
        connecting.whenFailure { error in
            promise.fail(Failure.unreachable(Self.reason(error)))
        }
        connecting.whenSuccess { channel in
            var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path)
            head.headers = ["host": host, "connection": "close"]
            if let token { head.headers.add(name: "authorization", value: "Bearer \(token)") }
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
            // Whoever settles the promise, the connection ends with it.
            promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
        }
        promise.futureResult.whenComplete { _ in limit.cancel() }
        return try await promise.futureResult.get()
    }

    /// - Throws: `Failure`, or `DecodingError` when something else than a daemon answers.
    package func status() async throws -> Status {
        let answer = try await get("/status")
        if answer.status == 401 { throw Failure.unauthorized }
        return try Status(json: answer.body)
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? NIOConnectionError {
            if let first = error.connectionErrors.first?.error { return reason(first) }
            return "the name \(error.host) isn't known"
        }
        if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
        return "\(error)"
    }
}

/// Gathers one response and settles the promise, on the channel's loop.
private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<StatusClient.Answer>
    private var status = 0
    private var body: [UInt8] = []

    init(promise: EventLoopPromise<StatusClient.Answer>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = Int(head.status.code)
        case .body(let part):
            guard body.count + part.readableBytes <= StatusClient.maximumBytes else {
                promise.fail(StatusClient.Failure.answerTooLarge)
                return
            }
            body.append(contentsOf: part.readableBytesView)
        case .end: promise.succeed(StatusClient.Answer(status: status, body: body))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(StatusClient.Failure.answerCutShort)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(StatusClient.Failure.unreachable("\(error)"))
    }
}
