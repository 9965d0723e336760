import Admission
import Intake
import Telemetry
import Testing

@Suite(.timeLimit(.minutes(1)))
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
}
