import Settings
import Testing

@Suite struct AdminSettingsTests {
    private static let token = "0123456789abcdef"

    @Test(arguments: ["127.0.0.1:3644", "[::1]:1", "localhost:0", "unix:/run/engaged/admin"])
    func `this machine needs no token`(address: String) throws {
        let (settings, mistakes) = Settings.load(text: "admin: '\(address)'")
        #expect(mistakes == [])
        #expect(try #require(settings?.admin).description == address)
    }

    @Test(arguments: ["0.0.0.0:3644", "[::]:3644", "10.0.0.1:3644", "engaged.example:3644"])
    func `an address that others reach is refused without a token`(address: String) {
        let (settings, mistakes) = Settings.load(text: "admin: '\(address)'")
        #expect(settings == nil && mistakes.map(\.key) == ["admin"])
        let text = "admin: '\(address)'\nadmin_token: \(Self.token)"
        #expect(Settings.load(text: text).settings?.adminToken == Self.token)
        let handed = Settings.load(
            text: "admin: '\(address)'", credentials: ["admin_token": Self.token])
        #expect(handed.settings?.adminToken == Self.token)
    }

    @Test(arguments: [
        "unix:", "unix:admin", "unix:/run/", "unix:/" + String(repeating: "a", count: 107),
    ])
    func `a socket file has an absolute path that fits`(address: String) {
        #expect(Settings.load(text: "admin: '\(address)'").mistakes.map(\.key) == ["admin"])
    }

    @Test(arguments: [
        "tiny-secret", "with spaces in it, it's no token", String(repeating: "x", count: 201),
    ])
    func `a token that isn't one is refused and never shown`(token: String) throws {
        let (settings, mistakes) = Settings.load(text: "admin_token: \"\(token)\"")
        #expect(settings == nil && mistakes.map(\.key) == ["admin_token"])
        #expect(!mistakes.contains { $0.description.contains(token) })
        let sound = Settings.load(text: "admin_token: \(Self.token)").settings
        #expect(try !#require(sound).lines.contains { $0.value.contains(Self.token) })
    }

    @Test func `a site's keys may each send so many events`() {
        let text = """
            sites:
              shop: {key: \(Self.token), events_per_second: 5000, browser_events_per_second: 50}
              blog: {key: abcdef0123456789}
            """
        let (settings, mistakes) = Settings.load(text: text)
        #expect(mistakes == [])
        #expect(settings?.sites.map(\.eventsPerSecond) == [0, 5_000])
        #expect(settings?.sites.map(\.browserEventsPerSecond) == [0, 50])
        let environment = [
            "ENGAGED_SITES_SHOP_KEY": Self.token,
            "ENGAGED_SITES_SHOP_BROWSER_EVENTS_PER_SECOND": "7",
        ]
        let named = Settings.load(file: nil, environment: environment).settings?.sites
        #expect(named?.map(\.name) == ["shop"] && named?[0].browserEventsPerSecond == 7)
    }

    @Test(arguments: ["-1", "many", "1.5", "1000000001"])
    func `a rate is a whole number`(rate: String) {
        let text = "sites: {shop: {key: \(Self.token), events_per_second: '\(rate)'}}"
        #expect(Settings.load(text: text).mistakes.map(\.key) == ["sites.shop.events_per_second"])
    }
}
