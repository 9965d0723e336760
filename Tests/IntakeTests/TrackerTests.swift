import NIOCore
import TestSupport
import Testing

@testable import Intake

/// `GET /e.js`. Source: RFC 9110; README.md, "On a web page".
@Suite(.timeLimit(.minutes(20)))
struct TrackerTests {
    private func get(
        _ server: TestServer, _ headers: [String] = [], method: String = "GET",
        path: String = "/e.js"
    ) -> (head: String, body: [UInt8]) {
        let client = server.client()
        let lines = ["\(method) \(path) HTTP/1.1", "Host: x", "Connection: close"] + headers
        client.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        let bytes = client.readAllBytes()
        let end = bytes.indices.first { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) } ?? 0
        return (String(decoding: bytes[..<end], as: UTF8.self), Array(bytes[(end + 4)...]))
    }

    @Test func `the daemon serves what web holds, below a thousand bytes`() throws {
        let file = try Array(Repository.text("web/e.min.js").utf8)
        #expect(Array(TrackerScript.plain.readableBytesView) == file)
        #expect(TrackerScript.gzip.readableBytes < 1_000)
        #expect(Array(TrackerScript.gzip.readableBytesView.prefix(3)) == [0x1f, 0x8b, 8])
    }

    @Test func `it comes whole, as gzip where that is taken, or not at all to whom has it`()
        async throws
    {
        let server = try await TestServer()
        let plain = get(server)
        #expect(plain.head.hasPrefix("HTTP/1.1 200"))
        #expect(plain.body == Array(TrackerScript.plain.readableBytesView))
        for header in [
            "content-type: text/javascript; charset=utf-8", "cache-control: public, max-age=3600",
            "cross-origin-resource-policy: cross-origin", "vary: Accept-Encoding",
            "access-control-allow-origin: *", "x-content-type-options: nosniff",
        ] { #expect(plain.head.contains(header), "\(header)") }

        let packed = get(server, ["Accept-Encoding: br, gzip;q=0.5"], path: "/e.js/a-key")
        #expect(packed.head.contains("content-encoding: gzip"))
        #expect(packed.body == Array(TrackerScript.gzip.readableBytesView))

        let tag = "\"\(TrackerScript.tag)\""
        for given in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let known = get(server, ["If-None-Match: \(given)"])
            #expect(known.head.hasPrefix("HTTP/1.1 304"), "\(given)")
            #expect(known.body.isEmpty && known.head.contains("etag: \(tag)"))
        }
        #expect(get(server, ["If-None-Match: \"other\""]).head.hasPrefix("HTTP/1.1 200"))
        let other = get(server, ["If-None-Match: \(tag)", "Accept-Encoding: gzip"])
        #expect(other.head.hasPrefix("HTTP/1.1 200"), "it has the other representation")

        let head = get(server, method: "HEAD")
        #expect(head.body.isEmpty)
        #expect(head.head.contains("content-length: \(plain.body.count)"))
        #expect(get(server, method: "PUT").head.hasPrefix("HTTP/1.1 405"))
        await server.stop()
    }

    @Test func `it is served while events are turned away`() async throws {
        let server = try await TestServer()
        server.sink.set(diskLow: true)
        server.sink.set(congested: true)
        #expect(get(server).head.hasPrefix("HTTP/1.1 200"))
        await server.stop()
    }

    @Test(arguments: [
        ("gzip", true), ("GZIP , br", true), ("x-gzip", true), ("gzip;q=1.0", true), ("", false),
        ("br", false), ("gzip;q=0", false), ("gzip; q=0.000", false), ("gzip;q=0.001", true),
        (";;,,;q", false), ("agzip", false),
    ])
    func `gzip is sent where it is asked for`(_ header: String, _ taken: Bool) {
        #expect(acceptsGzip(header) == taken)
    }

    @Test func `paths of random bytes name an endpoint and a key, or nothing`() {
        var generator = SeededRNG(5_001)
        let pieces = [
            "/b", "/p.gif", "/e.js", "/v1/events", "/", "%", "%2", "%2F", "+", "é", "k", "",
        ]
        for _ in 0..<20_000 {
            let path = (0..<Int.random(in: 0...6, using: &generator))
                .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            guard let found = Array(path.utf8).withUnsafeBufferPointer(SitePath.init) else {
                continue
            }
            let name = found.endpoint.path.description
            #expect(path.hasPrefix(name))
            #expect(found.key.count <= path.utf8.count)
            let rest = path.utf8.dropFirst(name.utf8.count)
            #expect(rest.isEmpty == false || found.key.isEmpty)
        }
    }
}
