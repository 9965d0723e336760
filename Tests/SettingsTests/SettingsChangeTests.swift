import Settings
import Testing

/// What a reload makes of another configuration.
@Suite struct SettingsChangeTests {
    /// What the others need to be changed at all.
    private static let around = [
        "trusted_proxies": "10.0.0.0/8", "memory_bytes": "2GiB", "tls.certificate_file": "x.pem",
    ]
    private static let candidates = [
        "true", "debug", "none", "forwarded", "192.0.2.0/24", "127.0.0.1:9", "https://x.example",
        "1", "2", "1.3", "600", "2048", "1048577", "3GiB",
    ]

    /// Settings in which only that one differs from what holds around.
    private static func other(_ key: String) throws -> (old: Settings, new: Settings) {
        let old = try #require(Settings.load(text: "", flags: around).settings)
        let setting = try #require(Setting.all.first { $0.key == key })
        let new = candidates.lazy.compactMap {
            Settings.load(text: "", flags: around.merging([key: $0]) { $1 }).settings
        }.first { setting.show($0) != setting.show(old) }
        return (old, try #require(new, "no candidate is another value of \(key)"))
    }

    @Test(arguments: Setting.all.map(\.key))
    func `each setting is put in force at once or waits for a restart, alone`(key: String) throws {
        let (old, new) = try Self.other(key)
        let setting = try #require(Setting.all.first { $0.key == key })
        let change = SettingsChange(from: old, to: new)
        #expect(change.mistakes == [])
        if setting.isLive {
            #expect(change.live == [key] && change.waiting == [])
            #expect(change.settings == new)
        } else {
            #expect(change.live == [])
            #expect(change.waiting.map(\.key) == [key])
            #expect(change.waiting.first?.now == setting.show(old))
            #expect(change.waiting.first?.then == setting.show(new))
            #expect(change.settings == old, "what waits stays as it was")
        }
    }

    @Test(arguments: ["listen", "admin", "data", "lanes", "memory_bytes", "journal.queue_bytes"])
    func `what the process is built on waits for a restart`(key: String) {
        #expect(Setting.all.first { $0.key == key }?.isLive == false)
    }

    @Test func `the same again changes nothing`() throws {
        let text = "sites: {shop: {key: a-key-that-is-long, origins: [https://shop.example]}}"
        let settings = try #require(Settings.load(text: text).settings)
        let change = SettingsChange(from: settings, to: settings)
        #expect(change.live == [] && change.waiting == [] && change.mistakes == [])
        #expect(change.settings == settings)
    }

    @Test func `sites that came, went or are others are named, their keys are not`() throws {
        func settings(_ sites: String) throws -> Settings {
            try #require(Settings.load(text: "sites:\n\(sites)").settings)
        }
        let old = try settings(
            "  same: {open: true}\n  shop: {key: the-old-secret-key}\n  went: {open: true}")
        let new = try settings(
            "  same: {open: true}\n  shop: {key: the-new-secret-key}\n  came: {open: true}")
        let change = SettingsChange(from: old, to: new)
        #expect(change.live == ["sites.came", "sites.shop", "sites.went"])
        #expect(change.settings.sites == new.sites)
    }

    @Test func `another admin token waits, and is shown to nobody`() {
        var (old, new) = (Settings(), Settings())
        old.adminToken = "the-token-of-yesterday"
        new.adminToken = "the-token-of-tomorrow"
        let change = SettingsChange(from: old, to: new)
        #expect(change.waiting.map(\.key) == ["admin_token"])
        #expect(change.waiting.allSatisfy { $0.now == "(set)" && $0.then == "(set)" })
        #expect(change.settings.adminToken == old.adminToken)
        #expect(change.mistakes == [])
    }

    @Test func `a value that needs one that waits is refused, and the one that waits is named`()
        throws
    {
        let old = Settings()
        let flags = ["memory_bytes": "4GiB", "limits.connections": "60000"]
        let new = try #require(Settings.load(text: "", flags: flags).settings)
        let mistakes = SettingsChange(from: old, to: new).mistakes
        #expect(mistakes.map(\.key) == ["memory_bytes"])
        #expect(mistakes.first?.description.contains("(as it is until a restart)") == true)
    }
}
