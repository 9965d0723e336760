import Admission
import Intake
import Telemetry
import TestSupport
import Testing

/// Each limit on senders does what schemas/settings.md says, tells the sender where it can, and is counted.
@Suite(.timeLimit(.minutes(20)))
struct LimitsTests {
    private let click = "{\"type\":\"click\"}\n"
    private let limited = [
        Site(
            name: "shop", keys: ["the-key-of-the-shop"],
            rate: .init(eventsPerSecond: 20, burstSeconds: 1))
    ]
    private let hello =
        "{\"hello\":\"engaged/1\",\"acks\":true,\"key\":\"the-key-of-the-shop\"}\n"

    private func post(
        _ body: String, to path: String = "/v1/events", _ headers: [String] = []
    ) -> String {
        (["POST \(path) HTTP/1.1", "Host: x", "Content-Length: \(body.utf8.count)"] + headers)
            .joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    // MARK: Requests and their heads

    @Test func `the last request of a connection is answered, and the answer says that it is`()
        async throws
    {
        let server = try await TestServer { $0.requestsPerConnection = 3 }
        let client = server.client()
        client.send(String(repeating: post(click), count: 5))
        let answers = client.readAll().lowercased().components(of: "http/1.1 200")
        #expect(answers.count == 3)
        #expect(answers.map { $0.contains("connection: close") } == [false, false, true])
        #expect(server.sink.lines.count == 3)
        #expect(server.reached(.requestsPerConnection) == 1)
        await server.stop()
    }

    @Test func `what comes behind a connection's last request isn't answered, nor counted`()
        async throws
    {
        let server = try await TestServer { $0.requestsPerConnection = 3 }
        let client = server.client()
        // Read together, and answered without waiting for the disk.
        client.send(String(repeating: "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", count: 5))
        #expect(client.readAll().components(of: "HTTP/1.1 404").count == 3)
        #expect(server.counters.httpRequests.total == 3)
        await server.stop()
    }

    @Test(arguments: [
        "GET /p.gif HTTP/1.1\r\nX: " + String(repeating: "a", count: 5_000) + "\r\n\r\n",
        "GET /p.gif?" + String(repeating: "a", count: 5_000) + " HTTP/1.1\r\n\r\n",
        "GET /p.gif HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: 1_000) + "\r\n",
    ])
    func `headers that are too long are answered 431`(_ request: String) async throws {
        let server = try await TestServer { $0.headerBytes = 2_048 }
        let client = server.client()
        client.send(request)
        let answer = client.read(until: "}\n")
        #expect(answer.hasPrefix("HTTP/1.1 431 ") && answer.contains("too_large"))
        #expect(server.reached(.headerBytes) == 1)
        await server.stop()
    }

    @Test(arguments: [
        "GET / HTTP/9.9\r\n\r\n", "NONSENSE\r\n\r\n", "GET /\u{0} HTTP/1.1\r\n\r\n",
        "POST /b HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /b HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n",
    ])
    func `what isn't HTTP is answered 400 and closed`(_ request: String) async throws {
        let server = try await TestServer()
        let client = server.client()
        client.send(request)
        client.finish()
        let answer = client.readAll()
        #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
        #expect(answer.contains("malformed_request") && answer.contains("onnection: close"))
        #expect(server.counters.httpRequests.total == 1)
        await server.stop()
    }

    @Test(arguments: ["NONSENSE\r\n\r\n", "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"])
    func `what comes behind the last request isn't answered`(_ more: String) async throws {
        let server = try await TestServer()
        let client = server.client()
        client.send(post(click, to: "/v1/events", ["Connection: close"]) + more)
        let answers = client.readAll()
        #expect(answers.hasPrefix("HTTP/1.1 200 ") && answers.components(of: "HTTP/1.1").count == 1)
        #expect(server.counters.httpRequests.total == 1)
        await server.stop()
    }

    @Test func `nonsense behind a request waits for the request's answer`() async throws {
        let server = try await TestServer()
        server.sink.hold()
        let client = server.client()
        client.send(post(click) + "NONSENSE\r\n\r\n")
        try await Task.sleep(for: .milliseconds(50))
        #expect(server.counters.httpRequests.total == 0)
        server.sink.letGo()
        let answers = client.read(until: "malformed_request")
        #expect(answers.hasPrefix("HTTP/1.1 200 ") && answers.contains("HTTP/1.1 400 "))
        await server.stop()
    }

    // MARK: Bodies

    @Test(arguments: [(30, false), (2_000, true)])
    func `a body that inflates too much for its size is refused, a small one isn't`(
        lines: Int, isRefused: Bool
    ) async throws {
        let server = try await TestServer()
        let line = "{\"type\":\"click\",\"note\":\"" + String(repeating: "x", count: 200) + "\"}\n"
        let packed = try Gzip.pack(Array(String(repeating: line, count: lines).utf8))
        #expect(packed.count * 100 < lines * line.utf8.count + 20_000)
        let client = server.client()
        let head =
            "POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: gzip\r\n"
            + "Content-Length: \(packed.count)\r\n\r\n"
        client.send(Array(head.utf8) + packed)
        let answer = client.readAll()
        if isRefused {
            #expect(answer.hasPrefix("HTTP/1.1 413 ") && answer.contains("inflates too much"))
            #expect(server.rejected(.http, .tooLarge) == 1)
            #expect(server.sink.lines.isEmpty)
        } else {
            #expect(answer.contains("\"accepted\":\(lines)"))
        }
        #expect(server.reached(.inflateRatio) == (isRefused ? 1 : 0))
        await server.stop()
    }

    @Test func `what was refused for its size says so by its limit`() async throws {
        let server = try await TestServer {
            $0.bodyBytes = 10_000
            $0.inflatedBodyBytes = 20_000
            $0.inflateRatio = 0
        }
        let announced = server.client()
        announced.send(post(String(repeating: click, count: 1_000)))
        #expect(announced.read(until: "}\n").hasPrefix("HTTP/1.1 413 "))
        #expect(server.reached(.bodyBytes) == 1)
        let packed = try Gzip.pack(Array(String(repeating: click, count: 5_000).utf8))
        let inflated = server.client()
        inflated.send(
            Array(
                "POST /v1/events HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n"
                    .utf8) + packed)
        #expect(inflated.read(until: "}\n").hasPrefix("HTTP/1.1 413 "))
        #expect(server.reached(.inflatedBodyBytes) == 1)
        await server.stop()
    }

    // MARK: Time

    @Test(arguments: [
        "{\"type\":\"cli", "{\"hello\":\"eng", "{\"type\":\"click\"}\n{",
        "GET /p.gif HTTP/1.1\r\nX: ", "POST /v1/events HTTP/1.1\r\nContent-Length: 100\r\n\r\n{",
    ])
    func `a line or request that comes a byte at a time isn't waited for longer than its time`(
        _ beginning: String
    ) async throws {
        let server = try await TestServer { $0.requestSeconds = 1 }
        let client = server.client()
        client.send(beginning)
        let dribble = Task.detached {
            while !Task.isCancelled, client.send("x") {
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
        let answer = client.readAll()
        dribble.cancel()
        await dribble.value
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 408 "))
        #expect(try await eventually { server.counters.openConnections.value == 0 })
        #expect(server.reached(.requestTimeout) == 1)
        await server.stop()
    }

    @Test(arguments: ["", "{\"type\":\"click\"}\n", "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"])
    func `a silent connection is closed and counted`(_ beginning: String) async throws {
        let server = try await TestServer { $0.idleSeconds = 1 }
        let client = server.client()
        client.send(beginning)
        _ = client.readAll()
        #expect(server.reached(.idleTimeout) == 1)
        await server.stop()
    }

    @Test(arguments: [true, false])
    func `a client that doesn't read its answers is closed, too`(speaksHTTP: Bool) async throws {
        let server = try await TestServer { $0.idleSeconds = 1 }
        let client = server.client(receiveBuffer: 4 << 10)
        let text =
            speaksHTTP
            ? String(repeating: "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", count: 20_000)
            : "{\"hello\":\"engaged/1\",\"acks\":true}\n" + String(repeating: "x\n", count: 60_000)
        let sending = Task.detached { client.send(text) }
        #expect(try await eventually { server.reached(.idleTimeout) == 1 })
        #expect(try await eventually { server.counters.openConnections.value == 0 })
        _ = await sending.value
        await server.stop()
    }

    // MARK: Rates

    @Test func `a key over its rate gets 429 with the time to wait, and nothing is taken`()
        async throws
    {
        let server = try await TestServer(sites: limited)
        let key = ["X-Engaged-Key: the-key-of-the-shop", "Connection: close"]
        func answer(_ lines: Int, _ path: String = "/v1/events") -> String {
            let client = server.client()
            client.send(post(String(repeating: click, count: lines), to: path, key))
            return client.readAll()
        }
        // What finds the bucket open is taken whole: 1,000 lines are the debt of 49 seconds.
        #expect(answer(1_000).contains("\"accepted\":1000"))
        for path in ["/v1/events", "/b"] {
            let refused = answer(1, path)
            #expect(refused.hasPrefix("HTTP/1.1 429 ") && refused.contains("rate_limited"))
            let seconds = refused.lowercased().components(of: "retry-after: ").first
                .flatMap { Int($0.prefix { $0.isNumber }) }
            #expect((1...50).contains(seconds ?? 0))
        }
        let pixel = server.client()
        pixel.send(
            "GET /p.gif?key=the-key-of-the-shop&url=https://a.example/ HTTP/1.1\r\nConnection: close\r\n\r\n"
        )
        #expect(pixel.readAll().hasPrefix("HTTP/1.1 429 "))
        #expect(server.sink.lines.count == 1_000)
        #expect(server.rejected(.http, .rateLimited) == 3)
        #expect(server.reached(.eventsPerSecond) == 3)
        await server.stop()
    }

    @Test func `lines over the rate are read later, and none is lost`() async throws {
        let sites = [
            Site(
                name: "shop", keys: ["the-key-of-the-shop"],
                rate: .init(eventsPerSecond: 10, burstSeconds: 1))
        ]
        let server = try await TestServer(sites: sites)
        let client = server.client()
        client.send(hello)
        _ = client.read(until: "true}")
        // What is read at once is taken whole; the next read waits for the debt of three seconds.
        client.send(String(repeating: click, count: 40))
        #expect(client.read(until: "{\"ack\":40}").contains("{\"ack\":40}"))
        #expect(server.reached(.eventsPerSecond) == 1)
        client.send(click + click)
        client.finish()
        #expect(client.readAll().hasSuffix("{\"ack\":42}\n"))
        #expect(server.sink.lines.count == 42)
        #expect(server.rejected(.tcp, .rateLimited) == 0)
        await server.stop()
    }

    @Test func `datagrams over the rate are refused, line by line`() async throws {
        let server = try await TestServer(sites: limited)
        let client = Client(port: server.server.port, datagram: true)
        client.send(hello + String(repeating: click, count: 1_000))
        #expect(try await eventually { server.sink.lines.count == 1_000 })
        client.send(hello + click + click + click.dropLast())
        #expect(try await eventually { server.rejected(.udp, .rateLimited) == 3 })
        #expect(server.sink.lines.count == 1_000)
        #expect(server.reached(.eventsPerSecond) == 1)
        await server.stop()
    }
}

extension TestServer {
    func reached(_ limit: Limit) -> UInt64 {
        counters.limitsReached.value(at: Limit.allCases.firstIndex(of: limit)!)
    }
}

extension String {
    /// What stands behind each occurrence.
    fileprivate func components(of mark: String) -> [Substring] {
        var (found, rest) = ([Substring](), self[...])
        while let range = rest.firstRange(of: mark) {
            rest = rest[range.upperBound...]
            found.append(
                rest.prefix(
                    rest.firstRange(of: mark).map {
                        rest.distance(from: rest.startIndex, to: $0.lowerBound)
                    } ?? rest.count))
        }
        return found
    }
}
