import Admission
import Engagement
import Intake
import Senders
import Telemetry
import Testing

/// Behind proxies: who may write to an open site, and who is taken for whom.
@Suite(.timeLimit(.minutes(20)))
struct ProxyTests {
    private static let here = Network("127.0.0.1").map { [$0] } ?? []
    private let click = "{\"type\":\"click\"}"

    private func post(_ server: TestServer, _ headers: [String], before: [UInt8] = []) -> String {
        let client = server.client()
        let head =
            [
                "POST /v1/events HTTP/1.1", "Host: x", "Connection: close",
                "Content-Length: \(click.utf8.count)",
            ]
            + headers
        client.send(before + Array((head.joined(separator: "\r\n") + "\r\n\r\n" + click).utf8))
        return client.readAll()
    }

    @Test func `an open site is open to this machine, not to whom a proxy on it speaks for`()
        async throws
    {
        let server = try await TestServer()
        #expect(post(server, []).hasPrefix("HTTP/1.1 200"))
        for header in [
            "X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 127.0.0.1",
            "Forwarded: for=203.0.113.7", "X-Real-IP: 203.0.113.7", "Via: 1.1 proxy",
        ] {
            let answer = post(server, [header])
            #expect(answer.hasPrefix("HTTP/1.1 422") && answer.contains("unknown_key"), "\(header)")
        }
        await server.stop()
    }

    @Test(arguments: [
        [], ["X-Forwarded-For: 203.0.113.7"], ["X-Forwarded-For: 127.0.0.1"],
        ["X-Forwarded-For: 127.0.0.1, 127.0.0.1"], ["X-Forwarded-For: nonsense"],
    ])
    func `nor is it where that proxy is trusted, whatever it says`(headers: [String]) async throws {
        let server = try await TestServer(proxies: Proxies(Self.here))
        #expect(post(server, headers).contains("unknown_key"))
        #expect(
            post(server, headers + ["X-Engaged-Key: the-key-of-the-shop"]).hasPrefix("HTTP/1.1 200")
        )
        await server.stop()
    }

    @Test func `lines and datagrams of a trusted proxy need a key, too`() async throws {
        let server = try await TestServer(proxies: Proxies(Self.here))
        let client = server.client()
        client.send("{\"hello\":\"engaged/1\",\"acks\":true}\n")
        #expect(client.readAll().contains("unknown_key"))
        Client(port: server.server.port, datagram: true).send(click)
        #expect(try await eventually { server.rejected(.udp, .unknownKey) == 1 })
        await server.stop()
    }

    private static let speaking = Proxies(here, speakProtocol: true)
    private static let header = Array("PROXY TCP4 203.0.113.7 127.0.0.1 4711 443\r\n".utf8)
    private static let binary: [UInt8] =
        [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10, 0x21, 0x11, 0, 12]
        + [203, 0, 113, 7, 127, 0, 0, 1, 0x12, 0x34, 0x01, 0xbb]

    @Test(arguments: [header, binary])
    func `a PROXY header is taken off, whole or in pieces, before HTTP and lines`(
        header: [UInt8]
    ) async throws {
        let server = try await TestServer(proxies: Self.speaking)
        let key = "X-Engaged-Key: the-key-of-the-shop"
        #expect(post(server, [key], before: header).hasPrefix("HTTP/1.1 200"))
        #expect(post(server, [], before: header).contains("unknown_key"))
        let client = server.client()
        for byte in header { client.send([byte]) }
        client.send(
            "{\"hello\":\"engaged/1\",\"acks\":true,\"key\":\"the-key-of-the-shop\"}\n\(click)\n")
        client.finish()
        let said = client.readAll()
        #expect(said.contains("{\"ack\":1}"), "\(said)")
        #expect(server.sink.lines.count == 2)
        await server.stop()
    }

    @Test(arguments: ["127.0.0.1 127.0.0.1", "127.0.0.2 127.0.0.1", "127.200.1.1 127.0.0.1"])
    func `whom a PROXY header names isn't this machine, whatever address it gives him`(
        pair: String
    ) async throws {
        let server = try await TestServer(proxies: Self.speaking)
        let header = Array("PROXY TCP4 \(pair) 4711 443\r\n".utf8)
        #expect(post(server, [], before: header).contains("unknown_key"))
        let client = server.client()
        client.send(header + Array((click + "\n").utf8))
        client.finish()
        _ = client.readAll()
        #expect(server.sink.lines.isEmpty && server.rejected(.tcp, .unknownKey) == 1)
        await server.stop()
    }

    @Test(arguments: [
        "GET /p.gif HTTP/1.1\r\nHost: x\r\n\r\n", "{\"type\":\"click\"}\n", "PROXY TCP4 x\r\n",
        "PROXY UNKNOWN\n", "\r\n\r\n\u{0}\r\nQUIT\n\u{11}\u{11}\u{0}\u{0}",
    ])
    func `a trusted proxy that doesn't say for whom isn't listened to`(text: String) async throws {
        let server = try await TestServer(proxies: Self.speaking)
        let client = server.client()
        client.send(text)
        #expect(client.readAll() == "")
        #expect(server.counters.refusedProxies.total == 1)
        #expect(server.sink.lines.isEmpty)
        await server.stop()
    }

    @Test func `a header of somebody who isn't trusted is only bytes`() async throws {
        let server = try await TestServer(
            proxies: Proxies([Network("10.0.0.0/8")!], speakProtocol: true))
        let client = server.client()
        client.send(Self.header + Array("GET /p.gif HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        #expect(!client.readAll().hasPrefix("HTTP/1.1 200"))
        // Nor where the protocol isn't spoken at all.
        let plain = try await TestServer(proxies: Proxies(Self.here))
        let other = plain.client()
        other.send(Self.binary + Array((click + "\n").utf8))
        other.finish()
        _ = other.readAll()
        #expect(plain.sink.lines.isEmpty)
        await server.stop()
        await plain.stop()
    }

    @Test func `a header that never ends is cut off by the time of a request`() async throws {
        let server = try await TestServer(proxies: Self.speaking) { $0.requestSeconds = 1 }
        let client = server.client()
        client.send(Array(Self.header.prefix(20)))
        #expect(client.readAll() == "")
        #expect(server.counters.refusedProxies.total == 1)
        await server.stop()
    }
}
