import Foundation
import Settings
import Testing

/// Secrets that a service manager hands over as files.
@Suite struct CredentialsTests {
    static let key = "0123456789abcdef"

    /// What is read from a folder of these files.
    private func read(
        _ files: [String: [UInt8]], besides: Set<String> = []
    ) throws -> (values: [String: String], mistakes: [SettingsMistake]) {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("credentials-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, bytes) in files {
            try Data(bytes).write(to: folder.appendingPathComponent(name))
        }
        return Credentials.read(["CREDENTIALS_DIRECTORY": folder.path], besides: besides)
    }

    @Test func `a file holds the setting it is named after, a list one value a line`() throws {
        let (values, mistakes) = try read(
            [
                "engaged_sites.shop.key": Array("\(Self.key)\n".utf8),
                "engaged_sites.blog.keys": Array("aaaaaaaaaaaaaaaa\r\nbbbbbbbbbbbbbbbb\n".utf8),
                "engaged_links.keys": [0xff], "another.service": [0xff], "engaged_": [],
            ], besides: ["links.keys"])
        #expect(mistakes == [])
        #expect(
            values == [
                "sites.shop.key": Self.key, "sites.blog.keys": "aaaaaaaaaaaaaaaa,bbbbbbbbbbbbbbbb",
            ])
    }

    @Test func `what is no text, or too long, is a mistake that names the credential alone`() throws
    {
        for bytes in [[UInt8](repeating: 0xc0, count: 20), [UInt8](repeating: 65, count: 65_537)] {
            let (values, mistakes) = try read(["engaged_sites.shop.key": bytes])
            #expect(values == [:])
            #expect(mistakes.map(\.key) == ["sites.shop.key"])
            #expect(mistakes.map(\.origin) == ["the credential sites.shop.key"])
        }
    }

    @Test(arguments: [[:], ["CREDENTIALS_DIRECTORY": ""], ["CREDENTIALS_DIRECTORY": "/nowhere"]])
    func `where nothing is handed over there is nothing`(environment: [String: String]) {
        let (values, mistakes) = Credentials.read(environment)
        #expect(values == [:] && mistakes == [])
    }

    @Test func `a flag beats a credential, which beats the environment, which beats the file`() {
        func lineBytes(
            _ flags: [String: String], _ credentials: [String: String],
            _ environment: [String: String]
        ) -> Int? {
            Settings.load(
                text: "limits: {line_bytes: 1024}", flags: flags, credentials: credentials,
                environment: environment
            ).settings?.limits.lineBytes
        }
        let name = "limits.line_bytes"
        let variable = ["ENGAGED_LIMITS_LINE_BYTES": "2048"]
        #expect(lineBytes([:], [:], [:]) == 1_024)
        #expect(lineBytes([:], [:], variable) == 2_048)
        #expect(lineBytes([:], [name: "3072"], variable) == 3_072)
        #expect(lineBytes([name: "4096"], [name: "3072"], variable) == 4_096)
    }

    @Test func `a credential can name a site, and one that is no setting is a mistake`() {
        let handed = ["sites.shop.key": Self.key]
        let (settings, mistakes) = Settings.load(text: "", credentials: handed)
        #expect(mistakes == [])
        #expect(settings?.sites == [SiteSettings(name: "shop", keys: [Self.key])])
        let wrong = Settings.load(text: "", credentials: ["sites.shop.kye": Self.key]).mistakes
        #expect(wrong.first?.origin == "the credential sites.shop.kye")
        #expect(!wrong.contains { "\($0)".contains(Self.key) })
        let short = Settings.load(text: "", credentials: ["sites.shop.key": "short"]).mistakes
        #expect(short.map(\.origin) == ["the credential sites.shop.key"])
    }
}
