import Admission
import Intake
import Senders
import Telemetry
import TestSupport
import Testing

/// What everybody can do who reads a page's source, or whose page is open in a browser on this machine.
@Suite(.timeLimit(.minutes(20)))
struct PublicDoorTests {
    private static let sites = [
        Site(name: "shop", keys: ["the-secret-of-the-shop"], browserKeys: ["the-key-in-the-page"]),
        Site(name: "open", isOpen: true),
    ]
    private static let forget = #"{"type":"forget","customer":"c-1"}"#
    private static let click = #"{"type":"click","customer":"c-1"}"#

    private func ask(
        _ server: TestServer, _ line: String, _ headers: [String], body: String? = nil
    ) -> String {
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        let head = [line + " HTTP/1.1", "Connection: close"] + headers + length
        let client = server.client()
        client.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")).utf8))
        return client.readAll()
    }

    private func status(_ answer: String) -> String { String(answer.dropFirst(9).prefix(3)) }

    @Test(arguments: [
        ["Host: localhost", "Origin: https://evil.example"],
        ["Host: localhost", "Origin: null"],
        ["Host: 127.0.0.1:3643", "Referer: https://evil.example/a"],
        ["Host: localhost:3643", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"],
        ["Host: localhost", "Sec-Fetch-Mode: navigate"],
        // A name that its owner lets point here, to be of the same origin.
        ["Host: rebound.evil.example:3643"], ["Host: localhost.evil.example"],
        ["Host: 127.0.0.1.evil.example"], ["Host: [::1].evil"], ["Host: 2130706433"],
    ])
    func `a page that a browser on this machine shows may do to an open site what a page may`(
        headers: [String]
    ) async throws {
        let server = try await TestServer(sites: Self.sites)
        let erasure = ask(server, "POST /v1/events", headers, body: Self.forget)
        #expect(status(erasure) == "422" && erasure.contains("unknown_key"))
        #expect(status(ask(server, "GET /p.gif?type=forget&customer=c-1", headers)) == "422")
        #expect(status(ask(server, "POST /v1/events", headers, body: Self.click)) == "200")
        #expect(server.sink.lines.count == 1)
        await server.stop()
    }

    @Test(arguments: [
        [], ["Host: localhost"], ["Host: LOCALHOST:3643"], ["Host: 127.0.0.1:3643"],
        ["Host: [::1]:3643"], ["Host: ::1"], ["Host: 192.168.1.5"], ["Host: shop.localhost:3643"],
        ["Host: "],
    ])
    func `a program on this machine may do everything`(headers: [String]) async throws {
        let server = try await TestServer(sites: Self.sites)
        #expect(status(ask(server, "POST /v1/events", headers, body: Self.forget)) == "200")
        await server.stop()
    }

    @Test func `a page's key says nothing of who acted`() async throws {
        let server = try await TestServer(sites: Self.sites)
        let page = ["Host: x", "X-Engaged-Key: the-key-in-the-page"]
        for claim in [#""actor":"human""#, #""actor":null"#, #""actor_reason":"x""#] {
            let line = #"{"type":"click",\#(claim)}"#
            let refused = ask(server, "POST /v1/events", page, body: line)
            #expect(status(refused) == "422" && refused.contains("unknown_key"), "\(claim)")
            let secret = ["Host: x", "X-Engaged-Key: the-secret-of-the-shop"]
            #expect(status(ask(server, "POST /v1/events", secret, body: line)) == "200")
        }
        #expect(status(ask(server, "GET /p.gif?actor=human", page)) == "422")
        await server.stop()
    }

    @Test func `who has no more than a page's key is judged as a page is, whatever way it takes`()
        async throws
    {
        let here = [try #require(Network("127.0.0.1"))]
        let server = try await TestServer(sites: Self.sites, proxies: Proxies(here))
        let program = [
            "Host: x", "X-Forwarded-For: 203.0.113.7", "User-Agent: python-requests/2.31",
        ]
        for key in ["the-key-in-the-page", "the-secret-of-the-shop"] {
            let headers = program + ["X-Engaged-Key: \(key)"]
            #expect(status(ask(server, "POST /v1/events", headers, body: Self.click)) == "200")
            let lines = server.client()
            lines.send(#"{"hello":"engaged/1","key":"\#(key)"}"# + "\n" + Self.click + "\n")
            lines.finish()
            _ = lines.readAll()
            Client(port: server.server.port, datagram: true).send(
                #"{"hello":"engaged/1","key":"\#(key)"}"# + "\n" + Self.click + "\n")
            let count = key == "the-key-in-the-page" ? 3 : 6
            #expect(try await eventually { server.sink.lines.count == count })
        }
        #expect(
            server.sink.prefixes.map { prefix in
                ["http_library", "no_agent"].first(where: prefix.contains) ?? "-"
            } == ["http_library", "no_agent", "no_agent", "-", "-", "-"])
        await server.stop()
    }

    @Test func `nothing is kept of a refused line whose browser doesn't want to be tracked`()
        async throws
    {
        let server = try await TestServer(sites: Self.sites)
        let wrong = #"{"type":"nope","customer":"ann"}"#
        for wish in ["Sec-GPC: 1", "DNT: 1", "DNT: 0"] {
            #expect(status(ask(server, "POST /v1/events", [wish], body: wrong)) == "422")
        }
        #expect(server.refused.lines == ["", "", wrong])
        #expect(server.rejected(.http, .unknownType) == 3)
        await server.stop()
    }

    @Test func `an answer doesn't grow with what a request claims`() async throws {
        let server = try await TestServer(sites: Self.sites)
        let long = String(repeating: "x", count: 6_000)
        let preflight = ask(
            server, "OPTIONS /b",
            ["Origin: https://\(long)", "Access-Control-Request-Headers: \(long)"])
        #expect(status(preflight) == "204" && preflight.utf8.count < 1_000)
        let answer = ask(
            server, "POST /b/the-key-in-the-page", ["Origin: https://\(long)"], body: Self.click)
        #expect(answer.utf8.count < 1_000)
        await server.stop()
    }

    /// What two readers of one connection could take for different requests. Source: RFC 9112, 6.3 and 11.2.
    @Test(arguments: [
        "Content-Length: 33\r\nContent-Length: 5\r\n", "Content-Length: 33, 33\r\n",
        "Content-Length: 33\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 33\r\n",
        "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding : chunked\r\n", "Content-Length: +33\r\n", "Content-Length: 0x21\r\n",
        "Content-Length: -1\r\n", "Content-Length: 33 5\r\n", " Content-Length: 33\r\n",
        "X: a\r\n Content-Length: 33\r\n", "Content-Length\u{0}: 33\r\n",
        "X: a\u{0}b\r\nContent-Length: 33\r\n", "X: a\rContent-Length: 5\r\nContent-Length: 33\r\n",
    ])
    func `a request whose end can be read in two ways is answered once, and not taken`(
        head: String
    ) async throws {
        let server = try await TestServer(sites: Self.sites)
        let client = server.client()
        let second = "GET /p.gif HTTP/1.1\r\nHost: localhost\r\n\r\n"
        client.send(
            Array(
                ("POST /v1/events HTTP/1.1\r\nHost: localhost\r\n\(head)\r\n"
                    + #"{"type":"click","customer":"c-1"}"# + second).utf8))
        client.finish()
        let said = client.readAll()
        #expect(said.ranges(of: "HTTP/1.1 ").count <= 1, "\(said)")
        #expect(!said.hasPrefix("HTTP/1.1 200"), "\(said)")
        #expect(server.sink.lines.isEmpty)
        await server.stop()
    }
}
