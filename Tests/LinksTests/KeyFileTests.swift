import Links
import Testing

@Suite struct KeyFileTests {
    @Test func `the file's text gives the same keys again`() throws {
        let keys = [
            LinkKey(made: "2026-01-01T00:00:00.000Z"), LinkKey(made: "2026-02-01T00:00:00.000Z"),
        ]
        let text = KeyFileText.text(keys)
        let read = try KeyFileText.keys(text)
        #expect(read.map(\.id) == keys.map(\.id))
        #expect(read.map(\.made) == keys.map(\.made))
        #expect(KeyFileText.text(read) == text)
        #expect(try KeyFileText.keys("").isEmpty)
        #expect(try KeyFileText.keys("# only a remark\r\n\n").isEmpty)
    }

    @Test(arguments: [
        "nonsense", "1234abcd 2026", "1234abcd 2026-01-01 short", "xyz 2026-01-01 AAAA",
        "1234abcd 2026-01-01 " + String(repeating: "A", count: 44),
        "1234abcd 2026-01-01 " + String(repeating: "!", count: 43),
    ])
    func `a line that is no key is told by its number alone`(_ line: String) {
        #expect(throws: KeyFileText.Mistake(line: 2, problem: "not a key: ID MADE SECRET")) {
            try KeyFileText.keys("# keys\n" + line + "\n")
        }
    }

    @Test func `an id can't stand twice, and a file has a bound`() {
        let key = "1234abcd 2026-01-01 " + String(repeating: "A", count: 43) + "\n"
        #expect(throws: KeyFileText.Mistake.self) { try KeyFileText.keys(key + key) }
        let many = KeyFileText.text((0...KeyFileText.maximumKeys).map { _ in LinkKey(made: "x") })
        #expect(throws: KeyFileText.Mistake.self) { try KeyFileText.keys(many) }
    }

    @Test func `a key never shows its secret`() throws {
        let key = LinkKey(made: "2026-01-01T00:00:00.000Z")
        let text = KeyFileText.text([key])
        let secret = try #require(text.split(whereSeparator: \.isWhitespace).last)
        var dumped = ""
        dump(key, to: &dumped)
        for shown in ["\(key)", String(reflecting: key), dumped] {
            #expect(!shown.contains(secret) && shown.contains(key.name))
        }
    }

    @Test func `a signer's key opens its site and no other`() {
        let book = SignerBook([("the-signer-of-the-shop", "shop"), ("the-signer-of-blog", "blog")])
        #expect(book.site(key: Array("the-signer-of-the-shop".utf8)) == "shop")
        #expect(book.site(key: Array("the-signer-of-blog".utf8)) == "blog")
        for wrong in ["", "the-signer-of-the-sho", "the-signer-of-the-shop ", "x"] {
            #expect(book.site(key: Array(wrong.utf8)) == nil)
        }
    }
}
