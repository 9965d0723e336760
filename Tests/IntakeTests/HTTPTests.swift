import Admission
import Glibc
import Intake
import Telemetry
import Testing

@Suite(.timeLimit(.minutes(20)))
struct HTTPTests {
    private func request(
        _ method: String, _ path: String, _ headers: [String] = [], body: [UInt8] = []
    ) -> [UInt8] {
        let head =
            ["\(method) \(path) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
            + (body.isEmpty && method != "POST" ? [] : ["Content-Length: \(body.count)"])
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    private func answer(_ server: TestServer, _ bytes: [UInt8]) -> String {
        let client = server.client()
        client.send(bytes)
        return client.readAll()
    }

    private func post(_ server: TestServer, _ body: String, _ headers: [String] = []) -> String {
        answer(server, request("POST", "/v1/events", headers, body: Array(body.utf8)))
    }

    @Test(arguments: [
        (#"{"type":"click"}"#, 1), (#"[{"type":"click"},{"type":"lead"}]"#, 2),
        ("{\"type\":\"click\"}\n{\"type\":\"lead\"}\n", 2), ("{\n \"type\": \"click\"\n}", 1),
    ])
    func `an object, an array and NDJSON are taken`(_ body: String, _ count: Int) async throws {
        let server = try await TestServer()
        let answer = post(server, body)
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        #expect(answer.contains("{\"accepted\":\(count),\"rejected\":[]}"))
        #expect(server.sink.lines.count == count)
        await server.stop()
    }

    @Test func `bad lines are told and cost good ones nothing`() async throws {
        let server = try await TestServer()
        let mixed = post(server, "{\"type\":\"click\"}\nbad\n{\"type\":\"nope\"}\n")
        #expect(mixed.hasPrefix("HTTP/1.1 200"))
        #expect(mixed.contains("\"accepted\":1"))
        #expect(mixed.contains("{\"line\":2,\"reason\":\"malformed_json\""))
        #expect(mixed.contains("{\"line\":3,\"reason\":\"unknown_type\""))
        #expect(post(server, "bad").hasPrefix("HTTP/1.1 422"))
        #expect(post(server, "").hasPrefix("HTTP/1.1 400"))
        await server.stop()
    }

    @Test func `the answer waits for the disk`() async throws {
        let server = try await TestServer()
        server.sink.hold()
        let client = server.client()
        client.send(request("POST", "/v1/events", body: Array("{\"type\":\"click\"}".utf8)))
        try await Task.sleep(for: .milliseconds(50))
        #expect(server.counters.httpRequests.total == 0)
        server.sink.letGo()
        #expect(client.readAll().hasPrefix("HTTP/1.1 200"))
        await server.stop()
    }

    @Test func `a gzip body is inflated within its limit`() async throws {
        let server = try await TestServer { $0.inflatedBodyBytes = 100_000 }
        /// `gzip` of one click event.
        let click: [UInt8] = [
            0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0x2a, 0xa9,
            0x2c, 0x48, 0x55, 0xb2, 0x52, 0x4a, 0xce, 0xc9, 0x4c, 0xce, 0x56, 0xaa, 0x05, 0x00,
            0x20, 0xea, 0x97, 0x7c, 0x10, 0x00, 0x00, 0x00,
        ]
        func post(_ body: [UInt8]) -> String {
            answer(server, request("POST", "/v1/events", ["Content-Encoding: gzip"], body: body))
        }
        #expect(post(click).contains("\"accepted\":1"))
        /// `gzip -9` of 200,002 bytes: a bomb for this limit.
        let bomb: [UInt8] = [
            0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc1, 0x41, 0x11,
            0x00, 0x00, 0x0c, 0x02, 0xa0, 0x2a, 0xeb, 0xe5, 0xad, 0x7f, 0x0d, 0x33, 0xf8, 0x07,
            0x72, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0xec,
            0x0b, 0x6f, 0x71, 0x4b, 0x13, 0x42, 0x0d, 0x03, 0x00,
        ]
        #expect(post(bomb).hasPrefix("HTTP/1.1 413"))
        #expect(post(Array(click.dropLast(12))).hasPrefix("HTTP/1.1 400"))
        #expect(post(Array("not gzip at all".utf8)).hasPrefix("HTTP/1.1 400"))
        #expect(server.sink.lines.count == 1)
        await server.stop()
    }

    @Test func `pixels and beacons are answered when admitted`() async throws {
        let server = try await TestServer()
        server.sink.hold()
        let pixel = answer(server, request("GET", "/p.gif?url=https%3A%2F%2Fx%2F&customer=c"))
        #expect(pixel.hasPrefix("HTTP/1.1 200"))
        #expect(pixel.contains("image/gif") && pixel.contains("no-store"))
        #expect(pixel.contains("content-length: 43"))
        let beacon = answer(server, request("POST", "/b", body: Array("{\"type\":\"click\"}".utf8)))
        #expect(beacon.hasPrefix("HTTP/1.1 204"))
        #expect(try await eventually { server.sink.lines.count == 2 })
        #expect(server.sink.lines.first?.contains("\"url\":\"https://x/\"") == true)
        server.sink.letGo()
        #expect(
            answer(server, request("GET", "/p.gif?type=nope")).hasPrefix("HTTP/1.1 422"))
        let many = (0..<101).map { "p\($0)=1" }.joined(separator: "&")
        #expect(answer(server, request("GET", "/p.gif?\(many)")).contains("too_large"))
        await server.stop()
    }

    @Test func `a key comes in a header or in the query, and origins are checked`() async throws {
        let server = try await TestServer()
        let body = "{\"type\":\"click\"}"
        for header in [
            "Authorization: Bearer the-key-of-the-shop", "X-Engaged-Key: the-key-of-the-shop",
        ] {
            #expect(post(server, body, [header]).contains("\"accepted\":1"))
        }
        for key in ["the-key-of-the-shop", "the%2Dkey%2dof-the-shop"] {
            let pixel = request("GET", "/p.gif?key=\(key)")
            #expect(answer(server, pixel).hasPrefix("HTTP/1.1 200"))
            let posted = request("POST", "/v1/events?x=1&key=\(key)", body: Array(body.utf8))
            #expect(answer(server, posted).contains("\"accepted\":1"))
        }
        let foreign = post(
            server, body, ["X-Engaged-Key: the-key-of-the-shop", "Origin: https://evil.example"])
        #expect(foreign.contains("forbidden_origin"))
        #expect(post(server, body, ["X-Engaged-Key: wrong"]).contains("unknown_key"))
        await server.stop()
    }

    @Test func `GPC and DNT take the person out`() async throws {
        let server = try await TestServer()
        _ = post(server, "{\"type\":\"click\",\"customer\":\"anna\"}", ["Sec-GPC: 1"])
        _ = post(server, "{\"type\":\"click\",\"customer\":\"anna\"}", ["DNT: 1"])
        #expect(server.sink.lines.count == 2)
        #expect(!server.sink.lines.joined().contains("anna"))
        let profile = "{\"type\":\"profile\",\"customer\":\"anna\",\"email\":\"a@b\"}"
        #expect(post(server, profile, ["Sec-GPC: 1"]).contains("opted_out"))
        await server.stop()
    }

    @Test func `limits on body and headers, and what is no route`() async throws {
        let server = try await TestServer {
            $0.bodyBytes = 2_000
            $0.inflatedBodyBytes = 4_000
            $0.headerBytes = 2_000
        }
        let large = String(repeating: "x", count: 3_000)
        #expect(post(server, large).hasPrefix("HTTP/1.1 413"))
        let chunked =
            "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nbb8\r\n\(large)\r\n0\r\n\r\n"
        #expect(answer(server, Array(chunked.utf8)).hasPrefix("HTTP/1.1 413"))
        #expect(
            answer(server, request("GET", "/p.gif", ["X-Big: \(large)"])).hasPrefix("HTTP/1.1 4"))
        #expect(server.rejected(.http, .tooLarge) == 2)
        #expect(answer(server, request("GET", "/nowhere")).hasPrefix("HTTP/1.1 404"))
        #expect(answer(server, request("PUT", "/b")).hasPrefix("HTTP/1.1 405"))
        #expect(answer(server, Array("GARBAGE\r\n\r\n".utf8)).hasPrefix("HTTP/1.1 400"))
        await server.stop()
    }

    @Test func `overload and a full disk turn requests away`() async throws {
        let server = try await TestServer()
        // A request is read while its connection isn't parked, so the pressure comes after it began.
        let client = server.client()
        client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\n{")
        try await Task.sleep(for: .milliseconds(50))
        server.sink.set(congested: true)
        client.send("\"type\":\"click\"}")
        let answer = client.read(until: "\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 503"))
        #expect(answer.lowercased().contains("retry-after: 1"))
        #expect(server.sink.lines.isEmpty)
        #expect(server.rejected(.http, .overloaded) == 1)
        await server.stop()
    }

    @Test func `pipelined requests are answered in order`() async throws {
        let server = try await TestServer()
        let client = server.client()
        let one = "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
        let two = "GET /p.gif HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        client.send(one + two)
        let answers = client.readAll()
        #expect(answers.hasPrefix("HTTP/1.1 404"))
        #expect(answers.contains("HTTP/1.1 200"))
        await server.stop()
    }

    @Test func `a slow request is cut off`() async throws {
        let server = try await TestServer { $0.requestSeconds = 1 }
        let client = server.client()
        client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        #expect(client.readAll().hasPrefix("HTTP/1.1 408"))
        await server.stop()
    }

    @Test(arguments: ["POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", "POST /b HT"])
    func `a connection's second request has as much time as its first, and no more`(
        _ torn: String
    ) async throws {
        let server = try await TestServer { $0.requestSeconds = 1 }
        let client = server.client()
        client.send("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
        try await Task.sleep(for: .milliseconds(300))
        client.send(torn)
        let answers = client.readAll()
        #expect(answers.hasPrefix("HTTP/1.1 404") && answers.contains("HTTP/1.1 408"))
        await server.stop()
    }
}
