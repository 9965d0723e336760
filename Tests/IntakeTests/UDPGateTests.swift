import Admission
import Engagement
import Logging
import NIOEmbedded
import Senders
import Telemetry
import TestSupport
import Testing

@testable import Intake

/// Datagrams come in bursts, from whom it may be: each is judged by itself.
@Suite struct DatagramGateTests {
    private static let click = "{\"type\":\"click\",\"site\":\"default\"}"
    private static let here = Address("127.0.0.1")!
    private static let elsewhere = Address("192.0.2.7")!

    @Test func `a stranger between two neighbours isn't taken for one of them`() {
        let bench = Bench()
        for sender in [Self.here, Self.elsewhere, Self.here, nil, Address("::1")] {
            bench.take(Self.click, from: sender)
        }
        bench.end()
        #expect(bench.sink.lines.count == 3)
        #expect(bench.rejections == ["unknown_key": 2])
    }

    @Test func `a hello is for its own datagram alone`() {
        let bench = Bench()
        let line = "{\"type\":\"click\",\"site\":\"shop\"}"
        bench.take("{\"hello\":\"engaged/1\",\"key\":\"the-key\"}\n" + line, from: Self.elsewhere)
        bench.take(line, from: Self.elsewhere)
        bench.end()
        #expect(bench.sink.lines.count == 1)
        #expect(bench.rejections == ["unknown_key": 1])
    }

    @Test func `what was taken is counted when the burst ends, each datagram once`() {
        let bench = Bench()
        bench.take("", from: Self.here)
        bench.take(Self.click, from: Self.here)
        bench.gate.endBurst()
        bench.gate.endBurst()
        #expect(bench.counters.datagrams.total == 2)
        #expect(
            bench.counters.receivedBytes.value(at: Transport.udp.rawValue)
                == UInt64(Self.click.utf8.count))
    }

    @Test func `what is longer than allowed is refused whole, and kept no further than that`() {
        let bench = Bench { $0.datagramBytes = 600 }
        bench.take(Self.click + "\n" + String(repeating: "x", count: 900), from: Self.here)
        bench.end()
        #expect(bench.sink.lines.isEmpty)
        #expect(bench.rejections == ["truncated_datagram": 1])
        #expect(bench.refused.lines.map(\.utf8.count) == [601])
    }

    @Test(arguments: 0..<8)
    func `a burst comes to the same as its datagrams one by one`(round: Int) {
        let seed = UInt64.random(in: .min ... .max)
        print("a burst of changed datagrams, seed \(seed)")
        var random = SeededRNG(seed)
        let burst = Bench()
        let single = Bench()
        for _ in 0..<400 {
            let datagram = Self.anything(&random)
            let sender = [Self.here, Self.here, Self.elsewhere, nil].randomElement(using: &random)!
            burst.take(datagram, from: sender)
            single.takeAlone(datagram, from: sender)
        }
        burst.end()
        single.end()
        #expect(burst.sink.lines == single.sink.lines, "seed \(seed)")
        #expect(burst.rejections == single.rejections, "seed \(seed)")
        #expect(burst.refused.lines == single.refused.lines, "seed \(seed)")
        #expect(burst.sink.lines.count > 10 && burst.refused.lines.count > 10, "seed \(seed)")
    }

    /// Lines and hellos, whole, cut and changed.
    private static func anything(_ random: inout SeededRNG) -> [UInt8] {
        let parts = [
            click, "{\"type\":\"order\",\"customer\":\"c\",\"order\":\"o\",\"amount\":1}", "", " ",
            "nonsense", "{\"hello\":\"engaged/1\",\"key\":\"the-key\"}",
            "{\"hello\":\"engaged/2\"}",
            "{\"hello\":\"engaged/1\"}", "{\"type\":\"click\",\"site\":\"shop\"}",
        ]
        let count = Int.random(in: 1...4, using: &random)
        let text = (0..<count).map { _ in parts.randomElement(using: &random)! }
            .joined(separator: "\n")
        var bytes = Array(text.utf8)
        if !bytes.isEmpty, Int.random(in: 0..<4, using: &random) == 0 {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                UInt8.random(in: .min ... .max, using: &random)
        }
        if Int.random(in: 0..<8, using: &random) == 0 {
            bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
        }
        return bytes
    }
}

/// A lane without sockets, and its gate for datagrams.
private final class Bench {
    let gate: DatagramGate
    let sink = FakeSink()
    let refused = KeptRefusals()
    let counters = Counters()
    private let loop = EmbeddedEventLoop()
    private let lane: Lane
    private let shared: Shared

    init(_ change: (inout IntakeLimits) -> Void = { _ in }) {
        var limits = IntakeLimits()
        change(&limits)
        let sites = [Site(name: "default", isOpen: true), Site(name: "shop", keys: ["the-key"])]
        shared = Shared(
            sites: SiteBook(sites), limits: limits, counters: counters,
            logger: Logger(label: "test"))
        lane = Lane(
            loop: loop, admission: Admission(suppression: Suppression()), sink: sink,
            pool: BatchPool(), keeper: refused, counters: counters, lingerMilliseconds: 5)
        gate = DatagramGate(lane: lane, shared: shared)
    }

    func take(_ datagram: String, from sender: Address?) {
        take(Array(datagram.utf8), from: sender)
    }

    func take(_ datagram: [UInt8], from sender: Address?) {
        datagram.withUnsafeBufferPointer { gate.take($0, from: sender) }
    }

    /// By a gate that knows of no other datagram.
    func takeAlone(_ datagram: [UInt8], from sender: Address?) {
        let fresh = DatagramGate(lane: lane, shared: shared)
        datagram.withUnsafeBufferPointer { fresh.take($0, from: sender) }
        fresh.endBurst()
    }

    /// Everything goes to the sink.
    func end() {
        gate.endBurst()
        _ = lane.stop()
        loop.run()
    }

    var rejections: [String: UInt64] {
        var counts: [String: UInt64] = [:]
        for reason in Reason.allCases {
            let count = counters.rejected.value(at: Transport.udp.rawValue, reason.index)
            if count > 0 { counts[reason.code] = count }
        }
        return counts
    }
}
