import Links
import Testing

@Suite struct SignerTests {
    static let now: Int64 = 1_800_000_000
    let keys = Keyring([LinkKey(made: "2026-11-22T10:00:00.000Z")])
    var signer: LinkSigner { LinkSigner(keys: keys, address: "https://news.example") }

    private func answer(_ line: String) -> String {
        do throws(LinkSigner.Mistake) {
            let request = try LinkRequest(line: Array(line.utf8), site: "shop", now: Self.now)
            return try request.answer(signer, line: 1)
        } catch { return LinkRequest.refusal(error, line: 1) }
    }

    private func claims(_ answer: String, _ field: String, _ purpose: Purpose) throws -> Claims {
        let rest = try #require(answer.split(separator: "\"\(field)\":\"", maxSplits: 1).last)
        let url = try #require(rest.split(separator: "\"").first)
        let token = try #require(url.split(separator: "/").last?.split(separator: ".").first)
        return try TokenCodec.decode(Array(token.utf8), purpose: purpose, keys: keys, now: Self.now)
    }

    @Test func `a line becomes a link`() throws {
        let answer = answer(
            #"{"target":"https://shop.example/ä","newsletter":"w","issue":"1","customer":"c-17"}"#)
        #expect(answer.contains("invalid_field"))
        let good = self.answer(
            #"{"target":"https:\/\/shop.example/a","newsletter":"w","issue":"1","customer":"c\u002d17","message":null}"#
        )
        #expect(good.hasPrefix(#"{"line":1,"url":"https://news.example/c/"#))
        #expect(
            try claims(good, "url", .click)
                == Claims(
                    purpose: .click, site: "shop", customer: "c-17", newsletter: "w", issue: "1",
                    target: "https://shop.example/a", expires: UInt32(Self.now + 400 * 86_400)))
    }

    @Test func `a mail's links come at once, with its headers`() throws {
        let answer = answer(
            #"{"kind":"mail","newsletter":"Weekly News","issue":"1","customer":"c-17","days":30}"#)
        #expect(try claims(answer, "open", .open).newsletter == "Weekly News")
        #expect(try claims(answer, "unsubscribe", .unsubscribe).customer == "c-17")
        #expect(
            try claims(answer, "preferences", .preferences).expires
                == UInt32(Self.now + 30 * 86_400))
        #expect(answer.contains(#""List-Unsubscribe":"<https://news.example/u/"#))
        #expect(answer.contains(#""List-Unsubscribe-Post":"List-Unsubscribe=One-Click""#))
        #expect(answer.contains(#""List-Id":"<weekly-news.news.example>""#))
    }

    @Test(arguments: [
        ("{}", "missing_field"), ("nonsense", "malformed_json"), ("[]", "malformed_json"),
        (#"{"target":"//evil.example"}"#, "invalid_field"),
        (#"{"target":"https://a.example/","newsletter":"w"}"#, "missing_field"),
        (#"{"target":"https://a.example/","site":"other"}"#, "unknown_key"),
        (#"{"target":"https://a.example/","site":"shop","days":0}"#, "invalid_field"),
        (#"{"target":"https://a.example/","days":"x"}"#, "invalid_field"),
        (#"{"target":"https://a.example/","days":3651}"#, "invalid_field"),
        (#"{"target":17}"#, "invalid_field"), (#"{"target":{}}"#, "invalid_field"),
        (#"{"kind":"dance"}"#, "invalid_field"), (#"{"kind":"open"}"#, "missing_field"),
        (#"{"kind":"unsubscribe","newsletter":"w"}"#, "missing_field"),
        (#"{"kind":"preferences"}"#, "missing_field"),
        (#"{"kind":"preferences","customer":"a\u000ab"}"#, "invalid_field"),
        (#"{"kind":"preferences","customer":"\ud800"}"#, "invalid_field"),
    ])
    func `what can't be signed says why`(_ line: String, _ code: String) {
        #expect(answer(line).hasPrefix("{\"line\":1,\"error\":\"\(code)\""), "\(answer(line))")
    }

    @Test func `without a key nothing is signed, and fields have bounds`() {
        keys.replace([])
        #expect(answer(#"{"target":"https://a.example/"}"#).contains("no_key"))
        keys.replace([LinkKey(made: "x")])
        let long = String(repeating: "x", count: 201)
        #expect(
            answer("{\"kind\":\"preferences\",\"customer\":\"\(long)\"}").contains("invalid_field"))
        let full = String(repeating: "x", count: 200)
        let wide =
            #"{"kind":"unsubscribe","newsletter":"\#(full)","customer":"\#(full)","issue":"\#(full)","message":"\#(full)"}"#
        #expect(answer(wide).contains("too_large"))
    }
}
