import Admission
import Intake
import Telemetry
import Testing

@Suite(.timeLimit(.minutes(20)))
struct UDPTests {
    @Test func `a datagram holds one or more lines`() async throws {
        let server = try await TestServer()
        let client = Client(port: server.server.port, datagram: true)
        client.send("{\"type\":\"click\"}")
        client.send("{\"type\":\"click\"}\nbad\n{\"type\":\"lead\"}\n")
        #expect(try await eventually { server.sink.lines.count == 3 })
        #expect(server.rejected(.udp, .malformedJSON) == 1)
        #expect(server.counters.datagrams.total == 2)
        await server.stop()
    }

    @Test func `a hello line gives the key`() async throws {
        let server = try await TestServer()
        let client = Client(port: server.server.port, datagram: true)
        client.send("{\"type\":\"click\",\"site\":\"shop\"}")
        client.send(
            "{\"hello\":\"engaged/1\",\"key\":\"the-key-of-the-shop\"}\n{\"type\":\"click\",\"site\":\"shop\"}"
        )
        #expect(try await eventually { server.sink.lines.count == 1 })
        #expect(server.rejected(.udp, .unknownKey) == 1)
        await server.stop()
    }

    @Test func `a datagram that fills the buffer is refused as truncated`() async throws {
        let server = try await TestServer { $0.datagramBytes = 1_000 }
        let client = Client(port: server.server.port, datagram: true)
        client.send("{\"type\":\"click\"}\n" + String(repeating: "x", count: 2_000))
        #expect(try await eventually { server.rejected(.udp, .truncatedDatagram) == 1 })
        #expect(server.sink.lines.isEmpty)
        await server.stop()
    }

    @Test func `while the sink is congested datagrams wait, and then all come in their order`()
        async throws
    {
        let server = try await TestServer { $0.udpReceiveBufferBytes = 200_000 }
        let client = Client(port: server.server.port, datagram: true)
        client.send("{\"type\":\"click\"}")
        #expect(try await eventually { server.sink.lines.count == 1 })
        server.sink.set(congested: true)
        // More than one call reads, and fewer than any kernel's buffer has room for.
        let sent = (0..<450).map { "\"type\":\"click\",\"customer\":\"\($0)\"}" }
        for line in sent { client.send("{" + line) }
        // Whatever the loop had begun to read before it saw the congestion is over by then.
        #expect(try await eventually { server.server.isFlooded })
        for _ in 0..<10 { await server.server.pulse() }
        let taken = server.counters.datagrams.total
        // Time for many turns of the loop, each of which could read one.
        try await Task.sleep(for: .milliseconds(300))
        for _ in 0..<10 { await server.server.pulse() }
        #expect(server.counters.datagrams.total == taken)
        server.sink.set(congested: false)
        server.server.relieved()
        #expect(try await eventually { server.sink.lines.count == 451 })
        #expect(Array(server.sink.lines.dropFirst()) == sent)
        #expect(server.counters.datagrams.total == 451)
        #expect(try await eventually { !server.server.isFlooded })
        await server.stop()
        #expect(!server.server.isFlooded)
    }
}
