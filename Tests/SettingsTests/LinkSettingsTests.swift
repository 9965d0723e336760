import Settings
import Testing

@Suite struct LinkSettingsTests {
    static let key = "0123456789abcdef"
    static let signer = "the-secret-of-the-mail-server"

    private func load(_ text: String, _ environment: [String: String] = [:]) -> (
        Settings?, [String]
    ) {
        let (settings, mistakes) = Settings.load(text: text, environment: environment)
        return (settings, mistakes.map(\.key))
    }

    @Test func `signers are a site's own, in the file or the environment`() {
        let (settings, mistakes) = load(
            "sites: {shop: {key: \(Self.key), signers: [\(Self.signer)]}, blog: {open: true}}",
            ["ENGAGED_SITES_BLOG_SIGNERS": "another-secret-of-a-server, and-one-more-secret"])
        #expect(mistakes == [])
        #expect(
            settings?.sites.map(\.signers) == [
                ["another-secret-of-a-server", "and-one-more-secret"], [Self.signer],
            ])
        #expect(settings?.sites.contains { "\($0)".contains(Self.signer) } == false)
    }

    @Test(arguments: [
        "sites: {shop: {key: \(key), signers: [\(key)]}}",
        "sites: {shop: {key: \(key)}, blog: {open: true, signers: [\(key)]}}",
        "sites: {shop: {key: \(key), signers: [\(signer)]}, blog: {open: true, signers: [\(signer)]}}",
        "sites: {shop: {key: \(key), signers: [short]}}",
    ])
    func `a signer's secret is long, and neither a write key nor another site's`(_ text: String) {
        let (settings, mistakes) = load(text)
        #expect(settings == nil)
        #expect(mistakes.count == 1 && mistakes[0].hasSuffix(".signers"), "\(mistakes)")
    }

    @Test(arguments: [
        ("https://news.example", true), ("http://127.0.0.1:3643", true), ("listen", true),
        ("https://example.org/news", true), ("https://news.example/", false),
        ("news.example", false),
        ("https://", false), ("javascript:x", false), ("https://a b", false),
        ("https://a@b.example", false), ("https://news.example?x", false),
    ])
    func `links begin with an address that can be continued`(_ address: String, _ isOne: Bool) {
        let (settings, mistakes) = load("links: {address: \"\(address)\"}")
        #expect((settings != nil) == isOne && mistakes == (isOne ? [] : ["links.address"]))
        if let settings {
            #expect(
                settings.linkAddress == (address == "listen" ? "http://127.0.0.1:3643" : address))
        }
    }
}
