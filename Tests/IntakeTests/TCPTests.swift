import Admission
import Intake
import Telemetry
import Testing

@Suite(.timeLimit(.minutes(20)))
struct TCPTests {
    private let hello = "{\"hello\":\"engaged/1\",\"acks\":true}\n"
    private let click = "{\"type\":\"click\"}\n"

    @Test func `acks are cumulative and rejections come before the ack that covers them`()
        async throws
    {
        let server = try await TestServer()
        let client = server.client()
        client.send(hello + click + "nonsense\n\n" + click)
        client.finish()
        let answers = client.readAll().split(separator: "\n").map(String.init)
        #expect(answers.first?.hasPrefix("{\"engaged\":1") == true)
        #expect(answers.contains { $0.hasPrefix("{\"rejected\":2,\"reason\":\"malformed_json\"") })
        #expect(answers.last == "{\"ack\":4}")
        #expect(server.sink.lines.count == 2)
        await server.stop()
    }

    @Test func `no ack before the sink says durable`() async throws {
        let server = try await TestServer()
        server.sink.hold()
        let client = server.client()
        client.send(hello + click)
        _ = client.read(until: "engaged\":1")
        client.send("bad\n")
        let early = client.read(until: "rejected")
        #expect(early.contains("{\"rejected\":2"))
        #expect(!early.contains("ack\":"))
        server.sink.letGo()
        #expect(client.read(until: "{\"ack\":2}").contains("{\"ack\":2}"))
        await server.stop()
    }

    @Test func `plain lines get no answers, and half-close flushes the torn last line`()
        async throws
    {
        let server = try await TestServer()
        let client = server.client()
        client.send(click + "{\"type\":\"click\",\"id\":\"last\"}")
        client.finish()
        #expect(client.readAll() == "")
        #expect(server.sink.lines.last?.contains("last") == true)
        #expect(server.counters.accepted.value(at: 1) == 2)
        await server.stop()
    }

    @Test func `half a line then a reset counts nothing`() async throws {
        let server = try await TestServer()
        do {
            let client = server.client()
            client.send(hello)
            _ = client.read(until: "engaged")
            client.send("{\"type\":\"cl")
        }
        // The next connection is served all the same.
        let client = server.client()
        client.send(hello + click)
        client.finish()
        #expect(client.readAll().contains("{\"ack\":1}"))
        #expect(server.sink.lines.count == 1)
        await server.stop()
    }

    @Test(arguments: [
        ("{\"hello\":\"engaged/1\",\"acks\":true,\"key\":\"wrong\"}\n", "unknown_key"),
        ("{\"hello\":\"engaged/9\",\"acks\":true}\n", "unsupported_version"),
    ])
    func `a hello that can't be served is told why and closed`(_ hello: String, _ code: String)
        async throws
    {
        let server = try await TestServer()
        let client = server.client()
        client.send(hello)
        #expect(client.readAll().contains("\"error\":\"\(code)\""))
        await server.stop()
    }

    @Test func `a key opens its site and no other`() async throws {
        let server = try await TestServer()
        let client = server.client()
        client.send(
            "{\"hello\":\"engaged/1\",\"acks\":true,\"key\":\"the-key-of-the-shop\"}\n"
                + "{\"type\":\"click\",\"site\":\"shop\"}\n{\"type\":\"click\",\"site\":\"default\"}\n"
        )
        client.finish()
        let answers = client.readAll()
        #expect(answers.contains("{\"rejected\":2,\"reason\":\"unknown_key\""))
        #expect(answers.contains("{\"ack\":2}"))
        await server.stop()
    }

    @Test func `a line of a megabyte is refused and the next one taken`() async throws {
        let server = try await TestServer()
        let client = server.client()
        client.send(hello + String(repeating: "x", count: 1 << 20) + "\n" + click)
        client.finish()
        let answers = client.readAll()
        #expect(answers.contains("{\"rejected\":1,\"reason\":\"too_large\""))
        #expect(answers.contains("{\"ack\":2}"))
        await server.stop()
    }

    @Test func `a congested sink stops reading and goes on when relieved`() async throws {
        let server = try await TestServer()
        let client = server.client()
        client.send(hello + click)
        _ = client.read(until: "{\"ack\":1}")
        server.sink.set(congested: true)
        // The next read is asked for already: what it brings waits, too.
        client.send(click)
        try await Task.sleep(for: .milliseconds(50))
        client.send(click)
        try await Task.sleep(for: .milliseconds(50))
        #expect(server.sink.lines.count == 1)
        server.sink.set(congested: false)
        server.server.relieved()
        #expect(client.read(until: "{\"ack\":3}").contains("{\"ack\":3}"))
        await server.stop()
    }

    @Test func `connections are bounded`() async throws {
        let server = try await TestServer { $0.connections = 1 }
        let first = server.client()
        first.send(hello)
        _ = first.read(until: "engaged")
        #expect(server.client().readAll() == "")
        #expect(server.counters.refusedConnections.total == 1)
        await server.stop()
    }

    @Test func `a silent connection is closed`() async throws {
        let server = try await TestServer { $0.idleSeconds = 3 }
        #expect(server.client().readAll() == "")
        let lines = server.client()
        lines.send(hello)
        #expect(lines.readAll().hasPrefix("{\"engaged\":1"))
        await server.stop()
    }
}
