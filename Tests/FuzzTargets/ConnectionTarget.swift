import Admission
import Engagement
import Intake
import Logging
import NIOCore
import NIOEmbedded
import Senders
import Telemetry
import TestSupport

/// A whole connection, as the server sets it up, without a socket: bytes in, answers and lines out.
///
/// However its bytes are cut by the network, the same lines are admitted and the same answers given; all
/// memory that it reserved is given back, and nothing waits for it any more.
final class ConnectionTarget: FuzzTarget {
    enum Dress { case asItCame, behindHello, asGzipBody }

    let words = [
        "GET ", "POST ", "HEAD ", "OPTIONS ", " HTTP/1.1\r\n", " HTTP/1.0\r\n", "\r\n", "\r\n\r\n",
        "\n",
        "Content-Length: ", "Transfer-Encoding: chunked\r\n", "Content-Encoding: gzip\r\n",
        "0\r\n\r\n",
        "Expect: 100-continue\r\n", "Connection: close\r\n",
        "Connection: upgrade\r\nUpgrade: x\r\n",
        "Content-Type: text/ping\r\n", "Origin: https://shop.example\r\n", "X-Engaged-Key: ",
        "Host: x\r\n",
        "/v1/events", "/p.gif?", "/b", "/e.js", "/u/", "/c/", "url=", "type=", "&", "%00",
        "{\"type\":\"click\"}\n", "{\"type\":\"", "\"customer\":\"", "{\"hello\":\"engaged/1\"",
        "\\u0000",
    ]

    private let dress: Dress
    private let loop = EmbeddedEventLoop()
    private let sink = CollectingSink()
    private let shared: Shared
    private let lane: Lane

    init(_ dress: Dress) {
        self.dress = dress
        let counters = Counters()
        var limits = IntakeLimits()
        // Small ones are met more often.
        limits.bodyBytes = 16 << 10
        limits.inflatedBodyBytes = 128 << 10
        limits.headerBytes = 2 << 10
        limits.lineBytes = 4 << 10
        limits.requestsPerConnection = 20
        shared = Shared(
            sites: SiteBook([Site(name: "default", isOpen: true)]), limits: limits,
            counters: counters, logger: Logger(label: "fuzz"))
        lane = Lane(
            loop: loop,
            admission: Admission(suppression: Suppression(), maximumLineBytes: limits.lineBytes),
            sink: sink, pool: BatchPool(), keeper: nil, counters: counters, lingerMilliseconds: 0)
    }

    func take(_ input: [UInt8], _ random: inout SeededRNG) {
        let bytes = dressed(input)
        let whole = talk([bytes])
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        // Not in more than some hundred pieces, or that is all that is done.
        let longest = bytes.count / (random.oneIn(8) ? 200 : Int.random(in: 1...6, using: &random))
        while !rest.isEmpty {
            let count = Int.random(in: 1...max(3, longest), using: &random)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        let cut = talk(pieces)
        precondition(whole == cut, "it makes a difference how it is cut:\n\(whole)\n\(cut)")
    }

    private func dressed(_ input: [UInt8]) -> [UInt8] {
        switch dress {
        case .asItCame: input
        case .behindHello: Array("{\"hello\":\"engaged/1\",\"acks\":true}\n".utf8) + input
        case .asGzipBody:
            Array(
                """
                POST /v1/events HTTP/1.1\r\nContent-Encoding: gzip\r\nConnection: close\r
                Content-Length: \(input.count)\r\n\r\n
                """.utf8) + input
        }
    }

    private struct Talk: Equatable, CustomStringConvertible {
        var lines: [[UInt8]]
        var answers: [Substring]
        var description: String { "\(lines.count) lines, answers \(answers)" }
    }

    private func talk(_ pieces: [[UInt8]]) -> Talk {
        sink.clear()
        let channel = EmbeddedChannel(handler: HalfClosing(), loop: loop)
        do {
            channel.remoteAddress = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
            try Server.configure(channel, lane, shared)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 2)).wait()
        } catch { preconditionFailure("\(error)") }
        for piece in pieces where channel.isActive {
            channel.pipeline.fireChannelRead(ByteBuffer(bytes: piece))
            channel.pipeline.fireChannelReadComplete()
            loop.run()
        }
        if channel.isActive {
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        // Batches linger, who was turned away is listened to for five seconds more, and who says
        // nothing is closed in the end.
        for seconds in [1, 10, 100] { loop.advanceTime(by: .seconds(Int64(seconds))) }
        precondition(!channel.isActive, "the connection never ends")
        var said = ByteBuffer()
        while case .byteBuffer(var part)? = try? channel.readOutbound(as: IOData.self) {
            said.writeBuffer(&part)
        }
        precondition(
            shared.budget.usedBytes == 0, "\(shared.budget.usedBytes) bytes are not given back")
        return Talk(lines: sink.lines, answers: answers(String(buffer: said)))
    }

    /// How often acknowledgements come depends on the reads; what they come to doesn't. Nor does it
    /// matter which of its faults a body is refused for.
    private func answers(_ said: String) -> [Substring] {
        let responses = said.split(separator: "HTTP/1.1 ")
        if said.hasPrefix("HTTP/1.1 ") {
            return responses.map { $0.hasPrefix("400") || $0.hasPrefix("413") ? "4xx" : $0 }
        }
        let all = said.split(separator: "\n")
        let last = all.last { $0.hasPrefix("{\"ack\":") }
        return all.filter { !$0.hasPrefix("{\"ack\":") } + (last.map { [$0] } ?? [])
    }
}

/// As a socket does: what is said ends, what is heard goes on.
private final class HalfClosing: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output else { return context.close(mode: mode, promise: promise) }
        promise?.succeed()
    }
}
