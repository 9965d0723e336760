import Settings
import Testing

@Suite struct SitesTests {
    static let key = "0123456789abcdef"

    @Test func `sites are a mapping by name`() throws {
        let (settings, mistakes) = Settings.load(
            text: """
                sites:
                  shop.example:
                    key: \(Self.key)
                    origins: [https://Shop.example, "http://localhost:8080"]
                  blog:
                    keys: [aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb]
                  local:
                    open: yes
                """)
        #expect(mistakes == [])
        #expect(
            settings?.sites == [
                SiteSettings(name: "blog", keys: ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"]),
                SiteSettings(name: "local", open: true),
                SiteSettings(
                    name: "shop.example", keys: [Self.key],
                    origins: ["https://shop.example", "http://localhost:8080"]),
            ])
    }

    @Test func `the environment can give a key to a site of the file, or name a site`() {
        let environment = [
            "ENGAGED_SITES_SHOP_EXAMPLE_KEY": Self.key,
            "ENGAGED_SITES_BLOG_KEYS": "aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb",
        ]
        let (settings, mistakes) = Settings.load(
            text: "sites:\n  shop.example:\n", environment: environment)
        #expect(mistakes == [])
        #expect(settings?.sites.map(\.name) == ["blog", "shop.example"])
        #expect(
            settings?.sites.map(\.keys) == [["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"], [Self.key]])
    }

    @Test func `a site of pages has a key in them, or is told by their origin`() {
        let (settings, mistakes) = Settings.load(
            text: """
                listen: 0.0.0.0:3643
                sites:
                  blog:
                    origins: https://blog.example
                    by_origin: true
                """, environment: ["ENGAGED_SITES_SHOP_BROWSER_KEY": Self.key])
        #expect(mistakes == [])
        #expect(
            settings?.sites == [
                SiteSettings(name: "blog", origins: ["https://blog.example"], byOrigin: true),
                SiteSettings(name: "shop", browserKeys: [Self.key]),
            ])
    }

    @Test func `a flag opens a site to this machine`() {
        let (settings, mistakes) = Settings.load(file: nil, flags: ["sites.shop.open": "true"])
        #expect(mistakes == [])
        #expect(settings?.sites == [SiteSettings(name: "shop", open: true)])
    }

    @Test(arguments: [
        ("sites: {shop: {key: short}}", "sites.shop.key", "shorter than 16"),
        ("sites: {shop: {key: \"with a space in it\"}}", "sites.shop.key", "isn't plain"),
        ("sites: {shop: {}}", "", ""),
        ("sites:\n  shop:\n", "sites.shop", "nobody could write"),
        ("sites: {shop: {open: false}}", "sites.shop", "nobody could write"),
        ("sites: {shop: {open: perhaps}}", "sites.shop.open", "neither true nor false"),
        ("sites: {\"a b\": {open: true}}", "sites.a b", "no site name"),
        ("sites: {shop: {open: true, origins: [shop.example]}}", "sites.shop.origins", "no origin"),
        (
            "sites: {shop: {open: true, origins: [\"https://a/b\"]}}", "sites.shop.origins",
            "no origin"
        ),
        ("sites: {shop: {open: true, kay: x}}", "sites.shop.kay", "no such setting"),
        ("sites: {shop: 0123456789abcdef}", "sites.shop", "a group of settings"),
        ("sites: [shop, blog]", "sites", "a group of settings"),
        ("sites: [{name: shop}]", "sites", "other than plain values"),
        (
            "sites: {a: {key: 0123456789abcdef}, b: {key: 0123456789abcdef}}", "sites.b.key",
            "same key"
        ),
        ("sites: {a: {keys: [0123456789abcdef, 0123456789abcdef]}}", "sites.a.keys", "twice"),
        ("sites: {a: {browser_key: short}}", "sites.a.browser_key", "shorter than 16"),
        (
            "sites: {a: {key: 0123456789abcdef, browser_key: 0123456789abcdef}}",
            "sites.a.browser_key", "the secret one"
        ),
        ("sites: {a: {by_origin: true}}", "sites.a.by_origin", "no origins"),
        ("sites: {a: {open: true, by_origin: 3}}", "sites.a.by_origin", "neither true nor false"),
        (
            "sites: {a: {by_origin: true, origins: [\"https://x\"]}, b: {by_origin: true, origins: [\"https://X\"]}}",
            "sites.b.by_origin", "tells the site a already"
        ),
    ])
    func `a mistake in a site is named by its key`(yaml: String, key: String, problem: String) {
        let (settings, mistakes) = Settings.load(text: yaml)
        if key.isEmpty {
            #expect(settings?.sites.first?.name == "default", "an empty mapping names nothing")
        } else {
            #expect(settings == nil)
            #expect(
                mistakes.contains { $0.key == key && $0.problem.contains(problem) }, "\(mistakes)")
        }
    }

    @Test func `neither a site nor a mistake shows a key`() {
        let site = SiteSettings(name: "shop", keys: [Self.key])
        #expect(!"\(site)".contains(Self.key) && !String(reflecting: [site]).contains(Self.key))
        let yaml =
            "sites: {a: {key: tooshort}, b: {key: \"\(Self.key) \"}, c: {key: \(Self.key)}, d: {key: \(Self.key)}}"
        let text = Settings.load(text: yaml).mistakes.map(\.description).joined()
        #expect(!text.contains("tooshort") && !text.contains(Self.key))
    }
}
