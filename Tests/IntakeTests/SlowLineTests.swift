import Admission
import Engagement
import Intake
import Logging
import NIOCore
import NIOEmbedded
import Senders
import Telemetry
import Testing

/// How long a line may take, by a clock that only the test moves.
@Suite struct SlowLineTests {
    private let loop = EmbeddedEventLoop()
    private let sink = FakeSink()
    private let shared: Shared
    private let channel: EmbeddedChannel

    init() throws {
        var limits = IntakeLimits()
        limits.requestSeconds = 30
        limits.idleSeconds = 75
        let counters = Counters()
        shared = Shared(
            sites: SiteBook([Site(name: "default", isOpen: true)]), limits: limits,
            counters: counters, logger: Logger(label: "test"))
        let lane = Lane(
            loop: loop,
            admission: Admission(suppression: Suppression(), maximumLineBytes: limits.lineBytes),
            sink: sink, pool: BatchPool(), keeper: nil, counters: counters, lingerMilliseconds: 5)
        channel = EmbeddedChannel(loop: loop)
        channel.remoteAddress = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
        try Server.configure(channel, lane, shared)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 2)).wait()
    }

    private func send(_ text: String, thenWait seconds: Int64) {
        channel.pipeline.fireChannelRead(ByteBuffer(string: text))
        channel.pipeline.fireChannelReadComplete()
        loop.advanceTime(by: .seconds(seconds))
    }

    private var timeouts: UInt64 {
        shared.counters.limitsReached.value(at: Limit.allCases.firstIndex(of: .requestTimeout)!)
    }

    @Test(arguments: ["{\"type\":\"cli", "{\"hello\":\"eng", "\n{", "{\"type\":\"click\"}\n{\"ty"])
    func `a line that has begun must end within the time of a request`(_ beginning: String) {
        send(beginning, thenWait: 10)
        send("x", thenWait: 10)
        send("x", thenWait: 9)
        #expect(channel.isActive && timeouts == 0)
        send("x", thenWait: 1)
        #expect(!channel.isActive && timeouts == 1)
    }

    @Test func `lines that each end in their time may go on for ever`() {
        send("{\"hello\":\"engaged/1\",\"acks\":true}\n{", thenWait: 29)
        for _ in 0..<50 { send("\"type\":\"click\"}\n{", thenWait: 29) }
        #expect(channel.isActive && timeouts == 0)
        #expect(sink.lines.count == 50)
        // This one is found out at the second look: within twice the time.
        send("\"type\":", thenWait: 29)
        loop.advanceTime(by: .seconds(30))
        #expect(!channel.isActive && timeouts == 1)
    }
}
