import Settings
import Testing

@Suite struct LoadTests {
    @Test func `without any configuration the defaults hold`() throws {
        let (settings, mistakes) = Settings.load(file: nil)
        #expect(mistakes == [])
        #expect(settings == Settings())
        #expect(settings?.sites == [SiteSettings(name: "default", open: true)])
        #expect(settings?.listen.isLoopback == true)
    }

    @Test func `every default lies in its own range`() {
        for setting in Setting.all {
            let shown = setting.show(Settings())
            let (settings, mistakes) = Settings.load(file: nil, flags: [setting.key: shown])
            #expect(mistakes == [], "\(setting.key)")
            #expect(settings == Settings(), "\(setting.key)")
        }
    }

    @Test func `a flag beats the environment, which beats the file`() throws {
        let file = "lanes: 2\nlog_level: debug\nlimits:\n  connections: 10\n"
        let environment = ["ENGAGED_LANES": "3", "ENGAGED_LIMITS_CONNECTIONS": "20"]
        let (settings, mistakes) = Settings.load(
            text: file, flags: ["limits.connections": "30"], environment: environment)
        #expect(mistakes == [])
        #expect(settings?.limits.connections == 30)
        #expect(settings?.lanes == 3)
        #expect(settings?.logLevel == .debug)
    }

    @Test(arguments: [
        ("65536", 65_536), ("64KiB", 65_536), ("64 KiB", 65_536), ("65_536", 65_536),
    ])
    func `a size is written as digits or with a binary unit`(text: String, bytes: Int) {
        let (settings, _) = Settings.load(text: "limits:\n  line_bytes: \(text)\n")
        #expect(settings?.limits.lineBytes == bytes)
    }

    @Test func `the state directory of systemd is the default data directory`() {
        let environment = ["STATE_DIRECTORY": "/var/lib/engaged:/var/lib/other"]
        #expect(
            Settings.load(file: nil, environment: environment).settings?.dataDirectory
                == "/var/lib/engaged")
        #expect(
            Settings.load(file: nil, flags: ["data": "d"], environment: environment).settings?
                .dataDirectory == "d")
    }

    @Test func `the admin port can be none`() throws {
        let (settings, mistakes) = Settings.load(file: nil, flags: ["admin": "none"])
        #expect(mistakes == [])
        #expect(try #require(settings).admin == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:3643", "127.0.0.1", 3643, true), ("[::1]:1", "::1", 1, true),
        ("localhost:0", "localhost", 0, true), (":80", "0.0.0.0", 80, false),
        ("0.0.0.0:65535", "0.0.0.0", 65_535, false), ("[::]:80", "::", 80, false),
        ("127.9.9.9:1", "127.9.9.9", 1, true), ("127.evil.example:1", "127.evil.example", 1, false),
    ])
    func `an address is a host and a port`(text: String, host: String, port: Int, loopback: Bool) {
        let address = ListenAddress(text)
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address?.isLoopback == loopback)
    }

    @Test(arguments: [
        "", "3643", "host", "host:", "host:65536", "::1:80", "a b:1", "h:+1", "[::1:1",
    ])
    func `anything else is no address`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func `half the cores are lanes, and at least one`() {
        var settings = Settings()
        #expect(settings.laneCount(cores: 1) == 1)
        #expect(settings.laneCount(cores: 8) == 4)
        settings.lanes = 3
        #expect(settings.laneCount(cores: 8) == 3)
    }
}
