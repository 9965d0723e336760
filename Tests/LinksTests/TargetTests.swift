import Links
import Testing

/// Where a signed link may lead.
@Suite struct TargetTests {
    @Test(arguments: [
        "https://shop.example", "http://shop.example/", "https://shop.example:8443/a?b=c#d",
        "https://xn--bcher-kva.example/%C3%A4", "https://[2001:db8::1]:8080/x", "http://127.0.0.1/",
        "https://shop.example/?next=https://other.example/", "https://shop.example/a@b",
    ])
    func `an absolute http or https address is one`(_ target: String) {
        #expect(LinkTarget.isSound(target))
    }

    @Test(arguments: [
        "", "shop.example", "/path", "//evil.example", "///evil.example", "\\\\evil.example",
        "https:/evil.example", "https:evil.example", "https:\\\\evil.example", "https://",
        "https:///evil.example", "https://?a", "https://#a", "https://.", "https://a..b",
        "https://shop.example\\@evil.example", "https://shop.example@evil.example/",
        "https://user:pass@evil.example/", "https://:80/", "https://a:", "https://a:0",
        "https://a:65536", "https://a:8x", "https://a:80:80", "https://[::1", "https://[::1]x",
        "https://[evil]/", "https://-a.example", "https://a-.example", "HTTPS://shop.example",
        "javascript:alert(1)", "data:text/html,x", "ftp://shop.example", "mailto:a@b.example",
        " https://shop.example", "https://shop.example ", "\thttps://shop.example",
        "https://shop.example/\r\nSet-Cookie: a=b", "https://shop.example/\n",
        "https://shop.example/\u{0}",
        "https://shop.example/%0d%0aSet-Cookie:a", "https://shop.example/%00",
        "https://shop.example/%7F",
        "https://shop.example/%", "https://shop.example/%4", "https://shop.example/%zz",
        "https://ev\u{131}l.example/", "https://evil\u{3002}example/", "https://shop.example/ä",
        "https://shop%2eexample/", "https://shop.example/\"", "https://shop.example/<script>",
        "https://shop.example/`", "https://shop.example/{}", "https://shop.example/a b",
        "https://shop.example/^", "https://shop.example/|", "https://shop.example\u{200b}/",
    ])
    func `anything that readers could take for something else is none`(_ target: String) {
        #expect(!LinkTarget.isSound(target))
    }

    @Test func `a target has a bound`() {
        let start = "https://shop.example/"
        let room = LinkTarget.maximumBytes - start.utf8.count
        #expect(LinkTarget.isSound(start + String(repeating: "a", count: room)))
        #expect(!LinkTarget.isSound(start + String(repeating: "a", count: room + 1)))
    }
}
