import ArgumentParser
import Settings

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks the configuration and prints what holds.",
        discussion: """
            Prints every mistake with its key and what to do, and exits with 78; or prints each \
            setting as it holds (write keys left out) and exits with 0.
            """)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        for (key, value) in settings.lines { say("\(key): \(value)") }
        for site in settings.sites { say("site: \(site)") }
        complain("engaged: the configuration is sound")
    }
}
