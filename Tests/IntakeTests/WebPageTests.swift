import Admission
import Glibc
import Intake
import Telemetry
import TestSupport
import Testing

/// What a browser sends from a page of another origin, and what it has to be told. Source: the Fetch
/// standard, and schemas/wire.md, "Web pages".
@Suite(.timeLimit(.minutes(20)))
struct WebPageTests {
    static let sites = [
        Site(name: "shop", keys: ["the-secret-of-the-shop"], browserKeys: ["in/the+pages of%all"]),
        Site(
            name: "blog", keys: ["the-secret-of-the-blog"], browserKeys: ["the-key-in-the-blog"],
            origins: ["https://blog.example"]),
        Site(name: "list", origins: ["https://list.example"], isByOrigin: true),
    ]
    static let click = Array(#"{"type":"click"}"#.utf8)

    private func ask(
        _ server: TestServer, _ method: String, _ path: String, _ headers: [String] = [],
        _ body: [UInt8]? = nil
    ) -> String {
        let head =
            ["\(method) \(path) HTTP/1.1", "Host: x", "Connection: close"] + headers
            + (body.map { ["Content-Length: \($0.count)"] } ?? [])
        let client = server.client()
        client.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? []))
        return client.readAll()
    }

    @Test(arguments: ["/v1/events", "/b", "/e.js"])
    func `a site's key may stand at the end of the path, percent-encoded`(_ path: String)
        async throws
    {
        let server = try await TestServer(sites: Self.sites)
        let right = ask(server, "POST", "\(path)/in%2Fthe+pages%20of%25all", [], Self.click)
        #expect(right.hasPrefix("HTTP/1.1 20"))
        let wrong = ask(server, "POST", "\(path)/another-key", [], Self.click)
        #expect(wrong.hasPrefix("HTTP/1.1 422") && wrong.contains("unknown_key"))
        for none in [path, "\(path)/"] {
            #expect(ask(server, "POST", none, [], Self.click).contains("unknown_key"))
        }
        let more = ask(server, "POST", "\(path)/in/the", [], Self.click)
        #expect(more.hasPrefix("HTTP/1.1 404"), "a key is one segment")
        #expect(ask(server, "GET", "/p.gif/the-key-in-the-blog").hasPrefix("HTTP/1.1 200"))
        #expect(ask(server, "GET", "/p.gifs").hasPrefix("HTTP/1.1 404"))
        #expect(try await eventually { server.sink.lines.count == 2 })
        await server.stop()
    }

    @Test func `what stands in a page is good for what a page may report`() async throws {
        let server = try await TestServer(sites: Self.sites)
        let forget = Array(#"{"type":"forget","customer":"c-1"}"#.utf8)
        for headers in [["X-Engaged-Key: the-key-in-the-blog"], ["Origin: https://list.example"]] {
            let refused = ask(server, "POST", "/v1/events", headers, forget)
            #expect(refused.contains("unknown_key") && refused.contains("secret key"))
            #expect(
                ask(server, "POST", "/v1/events", headers, Self.click).hasPrefix("HTTP/1.1 200"))
        }
        let secret = ["X-Engaged-Key: the-secret-of-the-blog"]
        #expect(ask(server, "POST", "/v1/events", secret, forget).hasPrefix("HTTP/1.1 200"))
        await server.stop()
    }

    @Test func `an origin names the one site that says so, a picture's by its page`() async throws {
        let server = try await TestServer(sites: Self.sites)
        func status(_ headers: [String]) -> String {
            String(ask(server, "POST", "/b", headers, Self.click).dropFirst(9).prefix(3))
        }
        #expect(status(["Origin: https://list.example"]) == "204")
        #expect(status(["Origin: https://blog.example"]) == "422", "that one wants a key")
        #expect(status(["Origin: https://list.example.evil"]) == "422")
        #expect(status(["Origin: null"]) == "422")
        #expect(status([]) == "422")
        let pixel = ask(server, "GET", "/p.gif", ["Referer: https://list.example/a?b"])
        #expect(pixel.hasPrefix("HTTP/1.1 200"))
        #expect(try await eventually { server.sink.lines.count == 2 })
        #expect(server.sink.lines.last?.contains(#""url":"https://list.example/a?b""#) == true)
        #expect(ask(server, "GET", "/p.gif", ["Referer: https://other.example/"]).contains("422"))
        await server.stop()
    }

    @Test(arguments: ["/v1/events", "/b", "/e.js"])
    func `a preflight is answered with the origin, verbatim`(_ path: String) async throws {
        let server = try await TestServer(sites: Self.sites)
        for origin in ["https://shop.example", "http://localhost:8080", "null"] {
            let answer = ask(
                server, "OPTIONS", "\(path)/k",
                [
                    "Origin: \(origin)", "Access-Control-Request-Method: POST",
                    "Access-Control-Request-Headers: content-type, x-engaged-key",
                ])
            #expect(answer.hasPrefix("HTTP/1.1 204"))
            for header in [
                "access-control-allow-origin: \(origin)\r\n", "vary: Origin\r\n",
                "access-control-allow-credentials: true\r\n", "access-control-max-age: 7200\r\n",
                "access-control-allow-headers: content-type, x-engaged-key\r\n",
            ] { #expect(answer.contains(header), "\(header)") }
            #expect(answer.contains("access-control-allow-methods: ") && answer.contains("POST"))
        }
        await server.stop()
    }

    @Test func `errors can be read by the page, too; without an origin nothing is said`()
        async throws
    {
        let server = try await TestServer(sites: Self.sites) { $0.bodyBytes = 100 }
        let origin = ["Origin: https://evil.example"]
        let large = [UInt8](repeating: 0x78, count: 200)
        let answers = [
            ask(server, "POST", "/b/the-key-in-the-blog", origin, Self.click),
            ask(server, "POST", "/b/nobody", origin, Self.click),
            ask(server, "POST", "/v1/events", origin, large),
            ask(server, "PUT", "/b", origin, []),
        ]
        #expect(answers.map { $0.dropFirst(9).prefix(3) } == ["422", "422", "413", "405"])
        for answer in answers {
            #expect(answer.contains("access-control-allow-origin: https://evil.example\r\n"))
            #expect(answer.contains("access-control-expose-headers: Retry-After\r\n"))
            #expect(answer.contains("cache-control: no-store"))
            #expect(!answer.contains("allow-credentials"), "the request carried none")
        }
        #expect(answers[0].contains("forbidden_origin"))
        #expect(server.rejected(.http, .forbiddenOrigin) == 1)
        let cookie = ask(server, "POST", "/b", origin + ["Cookie: a=b"], Self.click)
        #expect(cookie.contains("access-control-allow-credentials: true\r\n"))
        let plain = ask(server, "POST", "/b/the-key-in-the-blog", [], Self.click)
        #expect(!plain.lowercased().contains("access-control") && !plain.contains("vary"))
        #expect(!ask(server, "GET", "/nowhere", origin).contains("access-control"))
        #expect(!plain.lowercased().contains("accept-ch"))
        await server.stop()
    }

    @Test func `a prefetched picture is marked; what a prerendered page posts is not`() async throws
    {
        let server = try await TestServer(sites: Self.sites)
        let purpose = ["Sec-Purpose: prefetch;prerender", "X-Engaged-Key: the-key-in-the-blog"]
        _ = ask(server, "GET", "/p.gif", purpose)
        _ = ask(server, "POST", "/b", purpose, Self.click)
        #expect(try await eventually { server.sink.lines.count == 2 })
        #expect(server.sink.prefixes.map { $0.contains("prefetch") } == [true, false])
        await server.stop()
    }

    @Test func `a followed link's ping is a click`() async throws {
        let server = try await TestServer(sites: Self.sites)
        let ping = [
            "Content-Type: text/ping", "Ping-To: https://away.example/a?b=\"c\"",
            "Ping-From: https://blog.example/",
        ]
        let answer = ask(
            server, "POST", "/b/the-key-in-the-blog?campaign=spring", ping, Array("PING".utf8))
        #expect(answer.hasPrefix("HTTP/1.1 204"))
        #expect(try await eventually { server.sink.lines.count == 1 })
        #expect(
            server.sink.lines == [
                #""campaign":"spring","type":"click","url":"https://blog.example/","target":"https://away.example/a?b=\"c\""}"#
            ])
        let long = "Ping-To: https://away.example/" + String(repeating: "x", count: 3_000)
        let refused = ask(
            server, "POST", "/b/the-key-in-the-blog", ["Content-Type: text/ping", long],
            Array("PING".utf8))
        #expect(refused.contains("invalid_field"))
        await server.stop()
    }
}
