import Admission
import Intake
import NIOCore
import NIOEmbedded
import NIOSSL
import Senders
import Telemetry
import TestSupport
import Testing

/// TLS on the port that also speaks plainly.
@Suite(.timeLimit(.minutes(20)))
struct TLSTests {
    private let hello = "{\"hello\":\"engaged/1\",\"acks\":true}\n"
    private let click = "{\"type\":\"click\"}\n"
    private let pixel = "GET /p.gif HTTP/1.1\r\nHost: x\r\n\r\n"

    private func server(
        _ pair: Pair = .one, oldest: TLSIdentity.Version = .v12, isRequired: Bool = false,
        proxies: Proxies = Proxies(), _ change: (inout IntakeLimits) -> Void = { _ in }
    ) async throws -> (TestServer, TLSDoor) {
        let door = TLSDoor(try pair.identity(oldest: oldest), isRequired: isRequired)
        return (try await TestServer(proxies: proxies, tls: door, change), door)
    }

    private func count(_ server: TestServer, _ outcome: HandshakeOutcome) -> UInt64 {
        server.counters.handshakes.value(at: outcome.rawValue)
    }

    @Test
    func `requests on one connection and acknowledged lines go through TLS, and plainly beside it`()
        async throws
    {
        let (server, _) = try await server()
        let web = try await TLSClient(port: server.server.port, alpn: ["h2", "http/1.1"])
        web.send(pixel)
        #expect(try await web.read(until: "GIF89a").hasPrefix("HTTP/1.1 200"))
        web.send(pixel.replacing("Host", with: "Connection: close\r\nHost"))
        #expect(try await web.readAll().split(separator: "HTTP/1.1 200").count == 2)
        #expect(web.alpn == "http/1.1")
        let lines = try await TLSClient(port: server.server.port)
        lines.send(hello + click + "nonsense\n" + click)
        lines.finish()
        let answers = try await lines.readAll()
        #expect(answers.contains("{\"rejected\":2,\"reason\":\"malformed_json\""))
        #expect(answers.hasSuffix("{\"ack\":3}\n"))
        let plain = server.client()
        plain.send(hello + click)
        plain.finish()
        #expect(plain.readAll().contains("{\"ack\":1}"))
        #expect(server.sink.lines.count == 5)
        #expect(count(server, .completed) == 2 && server.counters.handshakes.total == 2)
        #expect(try await eventually { server.counters.sealedConnections.value == 0 })
        await server.stop()
    }

    @Test(arguments: [
        (TLSVersion.tlsv11, TLSIdentity.Version.v12, false), (.tlsv12, .v12, true),
        (.tlsv13, .v12, true), (.tlsv12, .v13, false), (.tlsv13, .v13, true),
    ])
    func `versions older than the oldest one are refused, and counted`(
        newest: TLSVersion, oldest: TLSIdentity.Version, isTaken: Bool
    ) async throws {
        let (server, _) = try await server(oldest: oldest)
        let client = try await TLSClient(port: server.server.port, newest: newest)
        client.send(hello)
        #expect(try await client.read(until: "engaged").contains("engaged") == isTaken)
        // The client is told before it is counted.
        #expect(try await eventually { count(server, isTaken ? .completed : .version) == 1 })
        await client.close()
        await server.stop()
    }

    @Test func `a client that doesn't trust the certificate is counted as one that refused it`()
        async throws
    {
        let (server, _) = try await server()
        let client = try await TLSClient(port: server.server.port, trusting: .other)
        #expect(try await client.readAll() == "" && client.error != nil)
        #expect(try await eventually { count(server, .rejected) == 1 })
        await server.stop()
    }

    @Test func `a new certificate is shown to new connections, and open ones live on`() async throws
    {
        let (server, door) = try await server()
        let old = try await TLSClient(port: server.server.port)
        old.send(hello)
        _ = try await old.read(until: "engaged")
        door.replace(try Pair.other.identity())
        let fresh = try await TLSClient(port: server.server.port, trusting: .other)
        fresh.send(hello + click)
        #expect(try await fresh.read(until: "ack\":1").contains("{\"ack\":1}"))
        old.send(click)
        #expect(try await old.read(until: "ack\":1").contains("{\"ack\":1}"))
        await old.close()
        await fresh.close()
        await server.stop()
    }

    @Test func `what TLS begins with is taken off behind a PROXY header, too`() async throws {
        let (server, _) = try await server(
            proxies: Proxies([Network("127.0.0.1")!], speakProtocol: true))
        let header = Array("PROXY TCP4 203.0.113.7 127.0.0.1 4711 443\r\n".utf8)
        let client = try await TLSClient(port: server.server.port, before: header)
        client.send(
            "{\"hello\":\"engaged/1\",\"acks\":true,\"key\":\"the-key-of-the-shop\"}\n" + click)
        client.finish()
        #expect(try await client.readAll().contains("{\"ack\":1}"))
        // In one packet with the header, in the shape of somebody who isn't here.
        let stranger = try await TLSClient(port: server.server.port, before: header)
        stranger.send(hello)
        #expect(try await stranger.readAll().contains("unknown_key"))
        await server.stop()
    }

    @Test(arguments: [true, false])
    func `the end of the input counts every whole line, whether TLS says goodbye or not`(
        saysGoodbye: Bool
    ) async throws {
        let (server, _) = try await server()
        let client = try await TLSClient(port: server.server.port)
        client.send(hello + click + click + "{\"type\":\"order\",\"amount\":8900")
        if saysGoodbye { client.finish() } else { try await client.vanish() }
        let said = try await client.readAll()
        #expect(
            said.contains("{\"rejected\":3,\"reason\":\"malformed_json\"")
                && said.hasSuffix("{\"ack\":3}\n"))
        #expect(server.sink.lines.count == 2)
        await server.stop()
    }

    @Test func `large bodies and large answers pass`() async throws {
        let (server, _) = try await server { $0.memoryBytes = 64 << 20 }
        let body = String(repeating: click, count: 20_000) + String(repeating: "x\n", count: 900)
        let client = try await TLSClient(port: server.server.port)
        client.send(
            "POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                + body)
        let said = try await client.readAll()
        #expect(said.contains("\"accepted\":20000"))
        #expect(said.split(separator: "malformed_json").count == 901)
        let lines = try await TLSClient(port: server.server.port)
        lines.send(hello)
        for _ in 0..<20 { lines.send(String(repeating: click, count: 1_000)) }
        lines.finish()
        #expect(try await lines.readAll().hasSuffix("{\"ack\":20000}\n"))
        #expect(try await eventually { server.shared.budget.usedBytes == 0 })
        await server.stop()
    }

    @Test func `TLS within TLS is a bad line`() async throws {
        let (server, _) = try await server()
        let client = try await TLSClient(port: server.server.port)
        client.send("\u{16}\u{3}\u{1}\n" + click)
        client.finish()
        _ = try await client.readAll()
        #expect(server.rejected(.tcp, .malformedJSON) == 1 && server.sink.lines.count == 1)
        await server.stop()
    }

    @Test func `a handshake that isn't finished in time is closed`() async throws {
        let (server, _) = try await server { $0.requestSeconds = 1 }
        let client = server.client()
        client.send([0x16, 3, 1, 2, 0, 1])
        #expect(client.readAllBytes() == [])
        #expect(count(server, .timeout) == 1)
        await server.stop()
    }

    @Test func `who leaves in the middle of a handshake is counted`() async throws {
        let (server, _) = try await server()
        let client = server.client()
        client.send([0x16, 3, 1, 2, 0, 1])
        client.finish()
        _ = client.readAllBytes()
        #expect(count(server, .disconnected) == 1)
        await server.stop()
    }

    @Test func `without a certificate TLS is closed, and counted`() async throws {
        let server = try await TestServer()
        let client = server.client()
        client.send([0x16, 3, 1, 2, 0, 1])
        #expect(client.readAllBytes() == [])
        #expect(count(server, .notConfigured) == 1)
        await server.stop()
    }

    @Test func `connections that there is no memory for are closed until others have gone`()
        async throws
    {
        let (server, _) = try await server { $0.sealedBytes = 100 << 10 }
        let first = try await TLSClient(port: server.server.port)
        first.send(hello)
        _ = try await first.read(until: "engaged")
        let second = try await TLSClient(port: server.server.port)
        #expect(try await second.readAll() == "")
        #expect(count(server, .overloaded) == 1)
        await first.close()
        #expect(try await eventually { server.shared.budget.usedBytes == 0 })
        let third = try await TLSClient(port: server.server.port)
        third.send(hello)
        #expect(try await third.read(until: "engaged").contains("engaged"))
        await third.close()
        await server.stop()
    }

    /// The whole of a handshake's first message, as a client sends it.
    private static func clientHello() throws -> [UInt8] {
        let channel = EmbeddedChannel()
        let context = try NIOSSLContext(configuration: .makeClientConfiguration())
        try channel.pipeline.syncOperations.addHandler(
            try NIOSSLClientHandler(context: context, serverHostname: "events.shop.example"))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let bytes = try channel.readOutbound(as: ByteBuffer.self).map {
            Array($0.readableBytesView)
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return bytes ?? []
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `whatever follows the first byte, each connection ends and is counted once`(seed: UInt64)
        async throws
    {
        let (server, _) = try await server { $0.requestSeconds = 1 }
        var rng = SeededRNG(seed)
        let sound = try Self.clientHello()
        #expect(sound.first == 0x16)
        for _ in 0..<100 {
            var bytes = sound
            switch UInt8.random(in: 0..<4, using: &rng) {
            case 0:
                bytes = [0x16] + (0..<300).map { _ in UInt8.random(in: 0...255, using: &rng) }
            case 1: bytes = Array(bytes.prefix(Int.random(in: 1..<bytes.count, using: &rng)))
            default:
                for _ in 0..<Int.random(in: 1...8, using: &rng) {
                    let at = Int.random(in: 1..<bytes.count, using: &rng)
                    bytes[at] = UInt8.random(in: 0...255, using: &rng)
                }
            }
            let client = server.client()
            client.send(bytes)
            client.finish()
            _ = client.readAllBytes()
        }
        #expect(try await eventually { server.counters.handshakes.total == 100 }, "seed \(seed)")
        #expect(count(server, .completed) == 0)
        #expect(try await eventually { server.shared.budget.usedBytes == 0 })
        await server.stop()
    }
}

/// Certificates and keys as they stand in files, and whom the door asks for TLS.
@Suite struct TLSIdentityTests {
    @Test func `a pair is taken with the time that it is valid for`() throws {
        let valid = try Pair.one.identity().validSeconds
        #expect(valid.lowerBound > 1_700_000_000)
        #expect(valid.count == 36_500 * 86_400)
    }

    @Test func `what can't be used is told: certificates, key, or that they don't belong together`()
        throws
    {
        let (chain, key) = (try Pair.one.bytes("certificate.pem"), try Pair.one.bytes("key.pem"))
        func unusable(_ chain: [UInt8], _ key: [UInt8]) -> TLSIdentity.Unusable? {
            do throws(TLSIdentity.Unusable) {
                _ = try TLSIdentity(chain: chain, key: key, oldest: .v12)
                return nil
            } catch { return error }
        }
        #expect(unusable(chain, key) == nil)
        #expect(unusable([], key) == .certificates("holds no certificates in PEM"))
        #expect(unusable(key, key) == .certificates("holds no certificates in PEM"))
        #expect(unusable(chain, chain) == .key("holds no key in PEM, or one with a passphrase"))
        #expect(
            unusable(chain, try Pair.other.bytes("key.pem"))
                == .key("doesn't belong to the first certificate"))
        let reversed = try Pair.other.bytes("certificate.pem") + chain
        #expect(unusable(reversed, key) == .key("doesn't belong to the first certificate"))
        #expect(unusable(chain + [0x2d] + Array("garbage".utf8), key) == nil)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `cut and changed files are refused or taken, and never more than that`(seed: UInt64) throws
    {
        var rng = SeededRNG(seed)
        let (chain, key) = (try Pair.one.bytes("certificate.pem"), try Pair.one.bytes("key.pem"))
        for _ in 0..<2_000 {
            var files = [chain, key]
            let which = Int.random(in: 0...1, using: &rng)
            let at = Int.random(in: 0..<files[which].count, using: &rng)
            if Bool.random(using: &rng) {
                files[which] = Array(files[which].prefix(at))
            } else {
                files[which][at] = UInt8.random(in: 0...255, using: &rng)
            }
            _ = try? TLSIdentity(chain: files[0], key: files[1], oldest: .v12)
        }
    }

    @Test(arguments: [
        ("127.0.0.1", false), ("127.8.0.1", false), ("::1", false), ("10.0.0.7", true),
        ("203.0.113.7", true), ("2001:db8::1", true),
    ])
    func `where TLS is required it is so of all but this machine`(_ text: String, _ isRefused: Bool)
        throws
    {
        let address = Address(text)
        #expect(
            TLSDoor(try Pair.one.identity(), isRequired: true).refusesPlain(from: address)
                == isRefused)
        #expect(!TLSDoor(try Pair.one.identity()).refusesPlain(from: address))
    }
}
