import Dialects
import Testing

/// What a request says of the page it comes from.
struct PageTests {
    private func line(_ query: String, _ defaults: QueryEvent.Defaults) -> String {
        String(decoding: QueryEvent(query: query.utf8, defaults: defaults).line, as: UTF8.self)
    }

    @Test func `a page's address stands in where the query has none`() {
        let page = QueryEvent.Defaults(url: "https://x/")
        #expect(line("", page) == #"{"type":"page_view","url":"https://x/"}"#)
        #expect(line("type=page_view", page) == #"{"type":"page_view","url":"https://x/"}"#)
        #expect(line("url=https://y/", page) == #"{"url":"https://y/","type":"page_view"}"#)
        #expect(line("type=lead", page) == #"{"type":"lead"}"#, "a lead may be told from anywhere")
        #expect(line("", .init(url: "")) == #"{"type":"page_view"}"#)
        #expect(line("", .init(url: "a\"b\u{1}")) == #"{"type":"page_view","url":"a\"b\u0001"}"#)
        let ping = QueryEvent.Defaults(type: "click", url: "u", target: "t")
        #expect(line("target=s", ping) == #"{"target":"s","type":"click","url":"u"}"#)
    }

    @Test(arguments: [
        ("https://shop.example/a?b#c", "https://shop.example"),
        ("http://localhost:8080", "http://localhost:8080"), ("https://[::1]:8/", "https://[::1]:8"),
        ("https://shop.example?x", "https://shop.example"), ("https:///x", nil), ("", nil),
        ("ftp://shop.example/", nil), ("https://anna:secret@shop.example/", nil),
        ("//shop.example/", nil), ("https://shop.example@evil.example/", nil),
    ])
    func `an address has an origin, if it is of the web`(_ address: String, _ origin: String?) {
        #expect(PageAddress.origin(of: address) == origin)
    }
}
