import Admission
import Intake
import Logging
import Senders
import Telemetry
import Testing

/// Other rules while connections are open: from the next line or request on, and nothing is cut.
@Suite(.timeLimit(.minutes(20)))
struct ReloadTests {
    private let click = "{\"type\":\"click\"}\n"
    private static func shop(_ keys: String...) -> [Site] { [Site(name: "shop", keys: keys)] }
    private func hello(_ key: String) -> String {
        "{\"hello\":\"engaged/1\",\"key\":\"\(key)\",\"acks\":true}\n"
    }

    private func rules(
        _ sites: [Site], _ proxies: Proxies = Proxies(),
        _ change: (inout IntakeLimits) -> Void = { _ in }
    ) -> Rules {
        var limits = IntakeLimits()
        change(&limits)
        return Rules(sites: SiteBook(sites), proxies: proxies, limits: limits)
    }

    private func post(_ client: Client, _ body: String, key: String) -> String {
        client.send(
            "POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Engaged-Key: \(key)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        return client.read(until: "}\n")
    }

    // MARK: Keys

    @Test func `a key that stays goes on on its open connection, through many reloads`()
        async throws
    {
        let server = try await TestServer(sites: Self.shop("the-key-that-stays"))
        let client = server.client()
        client.send(hello("the-key-that-stays"))
        for line in 1...50 {
            await server.server.adopt(
                rules(Self.shop("the-key-that-stays", "another-key-\(line)...")))
            client.send(click)
            #expect(client.read(until: "{\"ack\":\(line)}").contains("{\"ack\":\(line)}"))
        }
        #expect(server.sink.lines.count == 50)
        await server.stop()
    }

    @Test func `a key that has gone is turned away at its next line, which stays the client's`()
        async throws
    {
        let server = try await TestServer(sites: Self.shop("the-key-that-goes"))
        let client = server.client()
        client.send(hello("the-key-that-goes") + click)
        _ = client.read(until: "{\"ack\":1}")
        await server.server.adopt(rules(Self.shop("the-key-that-comes")))
        client.send(click)
        let answer = client.readAll()
        #expect(answer.contains("\"error\":\"unknown_key\"") && !answer.contains("ack\":2"))
        #expect(server.sink.lines.count == 1)
        let other = server.client()
        other.send(hello("the-key-that-comes") + click)
        #expect(other.read(until: "{\"ack\":1}").contains("{\"ack\":1}"))
        await server.stop()
    }

    @Test func `what was taken by a key before it went is still acknowledged`() async throws {
        let server = try await TestServer(sites: Self.shop("the-key-that-goes"))
        let client = server.client()
        server.sink.hold()
        client.send(hello("the-key-that-goes") + click)
        #expect(try await eventually { server.sink.heldBatches == 1 })
        await server.server.adopt(rules(Self.shop("the-key-that-comes")))
        client.send(click)
        let sent = hello("the-key-that-goes").utf8.count + 2 * click.utf8.count
        #expect(try await eventually { server.counters.receivedBytes.total == sent })
        server.sink.letGo()
        let answers = client.readAll().split(separator: "\n")
        #expect(answers.dropFirst().first == "{\"ack\":1}", "\(answers)")
        #expect(answers.last?.contains("unknown_key") == true, "\(answers)")
        #expect(server.sink.lines.count == 1)
        await server.stop()
    }

    @Test func `lines of a key that has gone are counted where nobody asked for answers`()
        async throws
    {
        let server = try await TestServer(sites: Self.shop("the-key-that-goes"))
        let client = server.client()
        client.send("{\"hello\":\"engaged/1\",\"key\":\"the-key-that-goes\"}\n" + click)
        #expect(try await eventually { server.sink.lines.count == 1 })
        await server.server.adopt(rules(Self.shop("the-key-that-comes")))
        client.send(click + click)
        #expect(try await eventually { server.rejected(.tcp, .unknownKey) == 2 })
        await server.stop()
    }

    @Test func `a request on an open connection has the keys of its time`() async throws {
        let server = try await TestServer(sites: Self.shop("the-key-that-goes"))
        let client = server.client()
        #expect(post(client, click, key: "the-key-that-goes").hasPrefix("HTTP/1.1 200"))
        await server.server.adopt(rules(Self.shop("the-key-that-comes")))
        #expect(post(client, click, key: "the-key-that-goes").contains("unknown_key"))
        #expect(post(client, click, key: "the-key-that-comes").hasPrefix("HTTP/1.1 200"))
        await server.stop()
    }

    @Test func `a site that is closed is closed to open connections and datagrams, too`()
        async throws
    {
        let server = try await TestServer()
        let lines = server.client()
        let datagrams = Client(port: server.server.port, datagram: true)
        lines.send(click)
        datagrams.send(click)
        #expect(try await eventually { server.sink.lines.count == 2 })
        await server.server.adopt(rules(Self.shop("the-key-of-the-shop")))
        lines.send(click)
        datagrams.send(click)
        #expect(try await eventually { server.rejected(.tcp, .unknownKey) == 1 })
        #expect(try await eventually { server.rejected(.udp, .unknownKey) == 1 })
        datagrams.send(
            "{\"hello\":\"engaged/1\",\"key\":\"the-key-of-the-shop\"}\n" + click)
        #expect(try await eventually { server.sink.lines.count == 3 })
        await server.stop()
    }

    @Test func `whoever turns out to be a proxy is this machine no more`() async throws {
        let server = try await TestServer()
        let client = server.client()
        client.send(click)
        #expect(try await eventually { server.sink.lines.count == 1 })
        let here = Proxies(Network("127.0.0.1").map { [$0] } ?? [])
        await server.server.adopt(rules(TestServer.sites, here))
        client.send(click)
        #expect(try await eventually { server.rejected(.tcp, .unknownKey) == 1 })
        await server.stop()
    }

    // MARK: Limits

    private func line(_ bytes: Int) -> String {
        let frame = "{\"type\":\"custom\",\"name\":\"n\",\"note\":\"\"}"
        return frame.replacing(
            "\"\"}", with: "\"" + String(repeating: "x", count: bytes - frame.utf8.count) + "\"}")
    }

    @Test func `the longest line is another one in the middle of a line, too`() async throws {
        let server = try await TestServer { $0.lineBytes = 4_096 }
        let client = server.client()
        let long = line(3_000)
        var sent = 0
        func send(_ part: some StringProtocol) async throws {
            client.send(String(part))
            sent += part.utf8.count
            #expect(try await eventually { server.counters.receivedBytes.total == sent })
        }
        func begin() async throws { try await send(long.prefix(2_000)) }
        try await send("{\"hello\":\"engaged/1\",\"acks\":true}\n")
        _ = client.read(until: "acks")
        try await begin()
        await server.server.adopt(rules(TestServer.sites) { $0.lineBytes = 1_024 })
        try await send(long.dropFirst(2_000).prefix(500))
        try await send(long.dropFirst(2_500) + "\n")
        #expect(client.read(until: "{\"ack\":1}").contains("too_large"))
        try await begin()
        await server.server.adopt(rules(TestServer.sites) { $0.lineBytes = 4_096 })
        try await send(long.dropFirst(2_000) + "\n")
        // It had outgrown the limit of its time when it began.
        #expect(client.read(until: "{\"ack\":2}").contains("too_large"))
        client.send(long + "\n")
        #expect(!client.read(until: "{\"ack\":3}").contains("rejected"))
        await server.stop()
    }

    @Test func `a longer datagram is taken whole, a shorter limit refuses it`() async throws {
        let server = try await TestServer { $0.datagramBytes = 1_000 }
        let client = Client(port: server.server.port, datagram: true)
        let long = line(3_000)
        client.send(long)
        #expect(try await eventually { server.rejected(.udp, .truncatedDatagram) == 1 })
        await server.server.adopt(rules(TestServer.sites) { $0.datagramBytes = 3_000 })
        client.send(long)
        #expect(try await eventually { server.sink.lines.count == 1 })
        await server.server.adopt(rules(TestServer.sites) { $0.datagramBytes = 2_999 })
        client.send(long)
        #expect(try await eventually { server.rejected(.udp, .truncatedDatagram) == 2 })
        #expect(server.counters.rejected.total == 2)
        await server.stop()
    }

    @Test func `a body's limit holds for the next request of an open connection`() async throws {
        let server = try await TestServer()
        let client = server.client()
        let body = line(2_000)
        #expect(post(client, body, key: "the-key-of-the-shop").hasPrefix("HTTP/1.1 200"))
        await server.server.adopt(rules(TestServer.sites) { $0.bodyBytes = 1_999 })
        #expect(post(client, body, key: "the-key-of-the-shop").hasPrefix("HTTP/1.1 413"))
        await server.stop()
    }

    @Test func `fewer connections close none, and more are let in at once`() async throws {
        let server = try await TestServer { $0.connections = 2 }
        let first = server.client()
        let second = server.client()
        #expect(try await eventually { server.counters.openConnections.value == 2 })
        await server.server.adopt(rules(TestServer.sites) { $0.connections = 1 })
        #expect(server.client().readAll() == "")
        #expect(server.counters.refusedConnections.total == 1)
        #expect(post(first, click, key: "the-key-of-the-shop").hasPrefix("HTTP/1.1 200"))
        #expect(post(second, click, key: "the-key-of-the-shop").hasPrefix("HTTP/1.1 200"))
        await server.server.adopt(rules(TestServer.sites) { $0.connections = 3 })
        #expect(
            post(server.client(), click, key: "the-key-of-the-shop").hasPrefix("HTTP/1.1 200"))
        await server.stop()
    }

    @Test func `the memory of senders is another one, and told so`() async throws {
        let server = try await TestServer { $0.memoryBytes = 1 << 20 }
        await server.server.adopt(rules(TestServer.sites) { $0.memoryBytes = 2 << 20 })
        #expect(server.counters.intakeMemoryLimit.value == 2 << 20)
        await server.stop()
    }
}
