import Settings
import Testing

@Suite struct MistakesTests {
    @Test func `all mistakes are found, each with its place`() throws {
        let yaml = """
            listen: 0.0.0.0:3643
            admin: nowhere
            limits:
              line_byts: 100
              connections: many
              idle_timeout_seconds: 0
            journal: fast
            colour: red
            """
        let (settings, mistakes) = Settings.load(text: yaml, environment: ["ENGAGED_LANES": "-1"])
        #expect(settings == nil)
        let lines = mistakes.map(\.description)
        for expected in [
            "limits.line_byts (engaged.yaml:4): there is no such setting; did you mean limits.line_bytes?",
            "limits.connections (engaged.yaml:5): \"many\" is no whole number of connections; write 1…1000000 connections",
            "limits.idle_timeout_seconds (engaged.yaml:6): 0 seconds is out of range; write 1…86400 seconds",
            "journal (engaged.yaml:7): this is a group of settings, not a value; indent its settings below it",
            "colour (engaged.yaml:8): there is no such setting; see schemas/settings.md for all of them",
            "admin (engaged.yaml:2): \"nowhere\" is no address; write host:port such as 127.0.0.1:3644, unix: and an absolute path of at most 107 bytes, or none",
            "lanes (ENGAGED_LANES): \"-1\" is no whole number of lanes; write 0…256 lanes",
        ] { #expect(lines.contains(expected), "\(expected)\n\(lines)") }
        #expect(
            lines.contains {
                $0.hasPrefix("listen (engaged.yaml:1): other machines can reach 0.0.0.0:3643")
            })
        #expect(lines.count == 8)
    }

    @Test func `a write key makes a public address acceptable`() {
        let yaml =
            "listen: 0.0.0.0:3643\nsites: {shop: {key: 0123456789abcdef}, local: {open: true}}"
        #expect(Settings.load(text: yaml).mistakes == [])
        let open = "listen: 0.0.0.0:3643\nsites: {shop: {open: true}}"
        #expect(Settings.load(text: open).mistakes.map(\.key) == ["listen"])
    }

    @Test(arguments: [
        (
            "limits: {inflated_body_bytes: 2048, body_bytes: 4096, line_bytes: 1024}",
            "limits.inflated_body_bytes"
        ),
        ("limits: {body_bytes: 4096}", "limits.body_bytes"),
        ("admin: 127.0.0.1:3643", "admin"),
        ("listen: [a, b]", "listen"),
        ("listen: ''", "listen"),
        ("limits: {line_bytes: 99999999999999999999}", "limits.line_bytes"),
        ("limits: {line_bytes: 9999999999999GiB}", "limits.line_bytes"),
        ("log_level: loud", "log_level"),
        ("- a\n- b", ""),
        ("a: b: c", ""),
        ("lanes: 1\nlanes: 2", ""),
        ("just text", ""),
    ])
    func `values that can't hold are refused`(yaml: String, key: String) {
        let (settings, mistakes) = Settings.load(text: yaml)
        #expect(settings == nil)
        #expect(mistakes.first?.key == key, "\(mistakes)")
    }

    @Test(arguments: ["", "# nothing but a comment\n", "---\n", "listen:\nsites:\n"])
    func `an empty file or value means the defaults`(yaml: String) {
        let (settings, mistakes) = Settings.load(text: yaml)
        #expect(mistakes == [])
        #expect(settings == Settings())
    }

    @Test func `a file that can't be read is a mistake with the reason`() {
        let (settings, mistakes) = Settings.load(file: "/nonexistent/engaged.yaml")
        #expect(settings == nil)
        #expect(mistakes.map(\.origin) == ["/nonexistent/engaged.yaml"])
        #expect(mistakes[0].problem.contains("No such file"))
        #expect(
            Settings.load(file: nil, environment: ["ENGAGED_CONFIG": "/nonexistent/x.yaml"])
                .mistakes
                .count == 1)
    }

    @Test func `a misspelt variable is found, an orchestrator's own are let be`() {
        let environment = [
            "ENGAGED_LISTN": "127.0.0.1:1", "ENGAGED_PORT_3643_TCP": "tcp://10.0.0.1:3643",
            "ENGAGED_SERVICE_HOST": "10.0.0.1", "ENGAGED_PORT": "tcp://10.0.0.1:3643",
        ]
        let mistakes = Settings.load(file: nil, environment: environment).mistakes
        #expect(mistakes.map(\.problem) == ["ENGAGED_LISTN is no setting"])
        #expect(mistakes.map(\.remedy) == ["did you mean ENGAGED_LISTEN?"])
    }

    @Test func `an unknown flag key is a mistake`() {
        let mistakes = Settings.load(file: nil, flags: ["limit.line_bytes": "1024"]).mistakes
        #expect(mistakes.map(\.remedy) == ["did you mean limits.line_bytes?"])
    }
}
