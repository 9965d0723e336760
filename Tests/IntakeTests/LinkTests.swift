import Admission
import Glibc
import Intake
import Links
import Pages
import Synchronization
import Telemetry
import TestSupport
import Testing

/// Signed links as mail programs, scanners, providers and readers follow them.
@Suite(.timeLimit(.minutes(20)))
struct LinkTests {
    /// Says what it was told to, at once or when it is let go.
    final class People: PersonSource {
        let facts: PersonFacts?
        let isSilent: Bool
        init(_ facts: PersonFacts?, isSilent: Bool = false) {
            self.facts = facts
            self.isSilent = isSilent
        }
        func facts(of customer: String, answer: @escaping @Sendable (PersonFacts?) -> Void) {
            if !isSilent { answer(facts) }
        }
    }

    let keys = Keyring([LinkKey(made: "2026-11-22T10:00:00.000Z")])

    func server(people: People? = nil) async throws -> TestServer {
        try await TestServer(
            links: LinkDesk(
                keys: keys, address: "https://news.example",
                signers: SignerBook([("the-signer-of-the-shop", "shop")]),
                sites: ["default", "shop"], people: people))
    }

    func path(
        _ purpose: Purpose, seconds: Int = 3_600, newsletter: String? = "weekly",
        customer: String? = "anna", target: String = "https://shop.example/boots?a=1",
        site: String = "shop"
    ) throws -> String {
        let claims = Claims(
            purpose: purpose, site: site, customer: customer, newsletter: newsletter,
            issue: newsletter == nil ? nil : "2026-11", target: purpose == .click ? target : nil,
            expires: UInt32(time(nil) + seconds))
        let key = try #require(keys.newest)
        return purpose.path(try #require(TokenCodec.encode(claims, key: key)))
    }

    func ask(
        _ server: TestServer, _ method: String, _ path: String, _ headers: [String] = [],
        body: String? = nil
    ) -> String {
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        let head =
            ["\(method) \(path) HTTP/1.1", "Host: x", "Connection: close"] + headers + length
        let client = server.client()
        client.send(head.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
        return client.readAll()
    }

    func refused(_ server: TestServer, _ reason: LinkRefusal) -> UInt64 {
        server.counters.linksRefused.value(at: reason.index)
    }

    func lines(_ server: TestServer, _ count: Int) async throws -> [String] {
        try #require(try await eventually { server.sink.lines.count >= count })
        return server.sink.lines
    }

    // MARK: Clicks and opens

    @Test func `a click redirects in one step and is an event of its newsletter`() async throws {
        let server = try await server()
        let answer = ask(server, "GET", try path(.click))
        #expect(answer.hasPrefix("HTTP/1.1 302"))
        #expect(answer.contains("location: https://shop.example/boots?a=1\r\n"))
        #expect(answer.contains("referrer-policy: no-referrer\r\n"))
        #expect(answer.contains("cache-control: no-store\r\n"))
        let line = try #require(try await lines(server, 1).first)
        for part in [
            #""type":"newsletter_clicked""#, #""newsletter":"weekly""#, #""issue":"2026-11""#,
            #""link":"https://shop.example/boots?a=1""#, #""customer":"anna""#, #""site":"shop""#,
        ] { #expect(line.contains(part), "\(line)") }
        #expect(!line.contains("actor"))
        await server.stop()
    }

    @Test func `a link of no newsletter is a plain click`() async throws {
        let server = try await server()
        _ = ask(server, "GET", try path(.click, newsletter: nil, customer: nil))
        let line = try #require(try await lines(server, 1).first)
        #expect(line.contains(#""type":"click""#) && line.contains(#""target":"https://"#))
        await server.stop()
    }

    @Test func `neither the disk nor a full queue holds a reader back`() async throws {
        let server = try await server()
        server.sink.hold()
        #expect(ask(server, "GET", try path(.click)).hasPrefix("HTTP/1.1 302"))
        server.sink.letGo()
        server.sink.set(congested: true)
        #expect(ask(server, "GET", try path(.click)).hasPrefix("HTTP/1.1 302"))
        #expect(ask(server, "GET", try path(.open)).contains("image/gif"))
        #expect(server.rejected(.http, .overloaded) == 2)
        await server.stop()
    }

    @Test func `who asks for the head alone is a scanner`()
        async throws
    {
        let server = try await server()
        #expect(ask(server, "HEAD", try path(.click)).hasPrefix("HTTP/1.1 302"))
        _ = ask(server, "HEAD", try path(.open))
        _ = try await lines(server, 2)
        #expect(
            server.sink.prefixes.allSatisfy {
                $0.contains(#""actor":"link_scanner","actor_reason":"head""#)
            })
        await server.stop()
    }

    @Test func `an open is a picture, with its ending or without`() async throws {
        let server = try await server()
        let path = try path(.open)
        for path in [path, String(path.dropLast(4))] {
            let answer = ask(server, "GET", path)
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("content-length: 43"))
        }
        #expect(try await lines(server, 2).allSatisfy { $0.contains("newsletter_opened") })
        await server.stop()
    }

    @Test func `a browser that doesn't want to be watched is redirected and not named`()
        async throws
    {
        let server = try await server()
        #expect(ask(server, "GET", try path(.click), ["Sec-GPC: 1"]).hasPrefix("HTTP/1.1 302"))
        let line = try #require(try await lines(server, 1).first)
        #expect(line.contains("newsletter_clicked") && !line.contains("anna"))
        await server.stop()
    }

    @Test func `an expired, changed or strange link gets a page and never leads anywhere`()
        async throws
    {
        let server = try await server()
        let other = Keyring([LinkKey(made: "x")])
        let foreign = try #require(
            TokenCodec.encode(
                Claims(
                    purpose: .click, site: "shop", target: "https://evil.example/", expires: .max),
                key: other.keys[0]))
        let good = try path(.click)
        let cases: [(String, String, LinkRefusal)] = [
            (try path(.click, seconds: -1), "410", .expired),
            ("/c/" + foreign, "404", .unknownKey),
            (good.dropLast(4) + "AAAA", "404", .changed),
            ("/c/" + (try path(.open)).dropFirst(3).dropLast(4), "404", .otherPurpose),
            ("/u/" + good.dropFirst(3), "404", .otherPurpose),
            ("/s/" + good.dropFirst(3), "404", .otherPurpose),
            ("/o/" + good.dropFirst(3), "404", .otherPurpose),
            (try path(.click, target: "//evil.example/"), "404", .badTarget),
            (try path(.click, target: "https://a\r\nx: y/"), "404", .badTarget),
            ("/c/", "404", .malformed), ("/c/x/y", "404", .malformed),
            ("/c/" + String(repeating: "A", count: 5_000), "404", .malformed),
        ]
        for (path, status, reason) in cases {
            let before = refused(server, reason)
            let answer = ask(server, "GET", String(path))
            #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(path)")
            #expect(answer.contains("text/html") && answer.contains("<h1>"))
            #expect(!answer.lowercased().contains("location:"))
            #expect(refused(server, reason) == before + 1, "\(reason)")
        }
        #expect(server.sink.lines.isEmpty)
        await server.stop()
    }

    @Test func `changed tokens redirect, open and unsubscribe nobody`() async throws {
        let server = try await server()
        let seed = UInt64.random(in: .min ... .max)
        print("changed links, seed \(seed)")
        var random = SeededRNG(seed)
        let alphabet = Array("ABCDEFabcdef0123456789-_%./")
        let body = "List-Unsubscribe=One-Click&action=forget-sure"
        let (connections, each) = (25, 20)
        var answers = ""
        for _ in 0..<connections {
            var requests = ""
            for i in 0..<each {
                let purpose = Purpose.allCases[i % 4]
                var path = Array(try path(purpose))
                let at = Int.random(in: 3..<(path.count - 5), using: &random)
                let old = path[at]
                while path[at] == old { path[at] = alphabet.randomElement(using: &random)! }
                let close = i == each - 1 ? "Connection: close\r\n" : ""
                let method = purpose == .click || purpose == .open ? "GET" : "POST"
                requests +=
                    "\(method) \(String(path)) HTTP/1.1\r\nHost: x\r\n\(close)"
                    + (method == "GET"
                        ? "\r\n" : "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
            }
            let client = server.client()
            client.send(requests)
            answers += client.readAll()
        }
        let refusals = answers.split(separator: "HTTP/1.1 404").count
        #expect(refusals == connections * each)
        #expect(!answers.contains("location:") && !answers.contains("image/gif"))
        #expect(server.sink.lines.isEmpty)
        await server.stop()
    }

    // MARK: Unsubscribing

    @Test func `looking at the unsubscribe page changes nothing`() async throws {
        let server = try await server()
        for method in ["GET", "HEAD"] {
            let answer = ask(server, method, try path(.unsubscribe))
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.contains("content-security-policy: default-src 'none'"))
        }
        let page = ask(server, "GET", try path(.unsubscribe))
        #expect(page.contains("<form method=\"post\">") && page.contains("weekly"))
        #expect(ask(server, "DELETE", try path(.unsubscribe)).hasPrefix("HTTP/1.1 405"))
        #expect(server.sink.lines.isEmpty)
        await server.stop()
    }

    @Test(arguments: [
        ("List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (
            "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n",
            "multipart/form-data; boundary=b"
        ),
    ])
    func `one click unsubscribes at once, and is answered when it is on disk`(
        _ body: String, _ type: String
    ) async throws {
        let server = try await server()
        server.sink.hold()
        let client = server.client()
        client.send(
            "POST \(try path(.unsubscribe)) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nSec-GPC: 1\r\n"
                + "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        #expect(try await eventually { server.sink.heldBatches == 1 })
        #expect(server.counters.httpRequests.total == 0)
        server.sink.letGo()
        let answer = client.readAll()
        #expect(answer.hasPrefix("HTTP/1.1 200") && !answer.contains("location:"))
        let lines = server.sink.lines
        try #require(lines.count == 2)
        #expect(lines[0].contains("newsletter_unsubscribed") && lines[0].contains("anna"))
        for part in [
            "permission_withdrawn", #""channel":"email""#, #""topic":"weekly""#,
            #""source":"one_click""#, "anna",
        ] { #expect(lines[1].contains(part)) }
        await server.stop()
    }

    @Test func `a post without the words of one click changes nothing`() async throws {
        let server = try await server()
        let long = "List-Unsubscribe=One-Click&x=" + String(repeating: "x", count: 64 << 10)
        for body in ["", "x", "List-Unsubscribe=no", "list-unsubscribe=One-Click", long] {
            #expect(
                ask(server, "POST", try path(.unsubscribe), body: body).hasPrefix("HTTP/1.1 400"))
        }
        #expect(server.sink.lines.isEmpty)
        #expect(refused(server, .badForm) == 5)
        await server.stop()
    }

    @Test func `what can't be written down isn't said to be done`() async throws {
        let server = try await server()
        server.sink.set(diskLow: true)
        let answer = ask(
            server, "POST", try path(.unsubscribe), body: "List-Unsubscribe=One-Click")
        #expect(answer.hasPrefix("HTTP/1.1 503") && answer.contains("retry-after: 1"))
        #expect(answer.contains("text/html"))
        server.sink.set(diskLow: false)
        // A site that isn't taken any more.
        let gone = try path(.unsubscribe, site: "gone")
        #expect(
            ask(server, "POST", gone, body: "List-Unsubscribe=One-Click").hasPrefix("HTTP/1.1 503"))
        #expect(server.sink.lines.isEmpty)
        await server.stop()
    }

    @Test func `many who unsubscribe at once are all written down`() async throws {
        let server = try await server()
        let count = 60
        let paths = try (0..<count).map { try path(.unsubscribe, customer: "c-\($0)") }
        let answers = await withTaskGroup(of: String.self) { group in
            for path in paths {
                group.addTask {
                    ask(server, "POST", path, body: "List-Unsubscribe=One-Click")
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 200") })
        let lines = server.sink.lines.joined(separator: "\n")
        #expect(server.sink.lines.count == 2 * count)
        for i in 0..<count { #expect(lines.contains("\"c-\(i)\"")) }
        await server.stop()
    }
}
