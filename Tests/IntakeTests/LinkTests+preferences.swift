import Admission
import Glibc
import Intake
import Links
import Pages
import Synchronization
import Telemetry
import TestSupport
import Testing

/// What a reader decides on her preference page, and who may have links signed.
extension LinkTests {
    @Test func `the preference page shows what is held, or says that it can't`() async throws {
        var facts = PersonFacts()
        facts.newsletters = [.init(name: "weekly", isSubscribed: true)]
        facts.pagesViewed = 7
        let server = try await server(people: People(facts))
        let page = ask(server, "GET", try path(.preferences))
        #expect(page.hasPrefix("HTTP/1.1 200") && page.contains("You looked at 7 pages."))
        #expect(page.contains("cache-control: no-store"))
        await server.stop()
        let silent = try await self.server(people: People(facts, isSilent: true))
        let poor = ask(silent, "GET", try path(.preferences))
        #expect(poor.hasPrefix("HTTP/1.1 200") && !poor.contains("name=\"topic\""))
        await silent.stop()
    }

    @Test func `only what she changed is said, and it is on disk before the answer`() async throws {
        let server = try await server()
        let body =
            "action=save&topic=news&topic_was=weekly&channel=email&channel_was=email&channel_was=phone&frequency=monthly&frequency_was=any"
        let answer = ask(server, "POST", try path(.preferences), body: body)
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("About once a month"))
        let lines = server.sink.lines
        let said = lines.map { line in
            ["type", "newsletter", "topic", "channel", "frequency"].compactMap { key in
                ("{" + line).split(separator: "\"\(key)\":\"").dropFirst().first?.split(
                    separator: "\""
                )
                .first.map(String.init)
            }.joined(separator: " ")
        }
        #expect(
            said == [
                "newsletter_unsubscribed weekly", "permission_withdrawn weekly email",
                "newsletter_subscribed news", "permission_granted news email",
                "permission_withdrawn phone", "preference email monthly",
            ])
        let same = "action=save&topic=weekly&topic_was=weekly&frequency=any&frequency_was=any"
        #expect(
            ask(server, "POST", try path(.preferences), body: same).hasPrefix("HTTP/1.1 200"))
        #expect(server.sink.lines.count == 6)
        await server.stop()
    }

    @Test func `erasing takes two steps, and a copy is asked for by an event`() async throws {
        let server = try await server()
        let asks = ask(server, "POST", try path(.preferences), body: "action=forget")
        #expect(asks.contains("value=\"forget-sure\"") && server.sink.lines.isEmpty)
        let copy = ask(server, "POST", try path(.preferences), body: "action=copy")
        #expect(copy.hasPrefix("HTTP/1.1 200"))
        #expect(server.sink.lines.last?.contains("data_export") == true)
        let done = ask(server, "POST", try path(.preferences), body: "action=forget-sure")
        #expect(done.hasPrefix("HTTP/1.1 200"))
        #expect(server.sink.lines.last?.contains(#""type":"forget""#) == true)
        await server.stop()
    }

    @Test(arguments: [
        "", "action=dance", "action=save&frequency=hourly", "action=save&channel=pigeon",
        "action=save&topic=" + String(repeating: "x", count: 201), "action=save&topic=a%00b",
        "action=save&" + (0...30).map { "topic=t\($0)" }.joined(separator: "&"),
    ])
    func `a form that the page doesn't make changes nothing`(_ body: String) async throws {
        let server = try await server()
        #expect(
            ask(server, "POST", try path(.preferences), body: body).hasPrefix("HTTP/1.1 400"))
        #expect(server.sink.lines.isEmpty && refused(server, .badForm) == 1)
        await server.stop()
    }

    @Test func `how often isn't kept of somebody who doesn't want to be tracked`() async throws {
        let server = try await server()
        server.suppression.withdraw(Array("c/anna".utf8))
        let body = "action=save&frequency=weekly&frequency_was=any"
        let answer = ask(server, "POST", try path(.preferences), body: body)
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("couldn’t be kept"))
        let both = ask(
            server, "POST", try path(.preferences), body: body + "&topic_was=weekly")
        #expect(both.hasPrefix("HTTP/1.1 200") && both.contains("couldn’t be kept"))
        #expect(server.sink.lines.contains { $0.contains("permission_withdrawn") })
        await server.stop()
    }

    // MARK: Signing

    @Test func `links are signed for a site's signers, and for nobody else`() async throws {
        let server = try await server()
        let body = #"{"target":"https://shop.example/"}"# + "\nnonsense\n"
        let good = ask(
            server, "POST", "/v1/links", ["Authorization: Bearer the-signer-of-the-shop"],
            body: body)
        #expect(good.hasPrefix("HTTP/1.1 200") && good.contains("application/x-ndjson"))
        #expect(good.contains(#"{"line":1,"url":"https://news.example/c/"#))
        #expect(good.contains(#"{"line":2,"error":"malformed_json""#))
        let url = try #require(good.split(separator: "https://news.example").last)
        let path = try #require(url.split(separator: "\"").first)
        #expect(ask(server, "GET", String(path)).contains("location: https://shop.example/\r\n"))
        for key in ["the-key-of-the-shop", "wrong", ""] {
            let answer = ask(
                server, "POST", "/v1/links", key.isEmpty ? [] : ["X-Engaged-Key: \(key)"],
                body: body)
            #expect(answer.hasPrefix("HTTP/1.1 403") && answer.contains("unknown_signer"))
        }
        #expect(refused(server, .unknownSigner) == 3)
        let many = String(repeating: "{}\n", count: 2_001)
        let signer = ["X-Engaged-Key: the-signer-of-the-shop"]
        #expect(ask(server, "POST", "/v1/links", signer, body: many).hasPrefix("HTTP/1.1 413"))
        #expect(ask(server, "POST", "/v1/links", signer, body: "").hasPrefix("HTTP/1.1 400"))
        #expect(ask(server, "GET", "/v1/links", signer).hasPrefix("HTTP/1.1 405"))
        keys.replace([])
        #expect(ask(server, "POST", "/v1/links", signer, body: body).hasPrefix("HTTP/1.1 409"))
        await server.stop()
    }
}
