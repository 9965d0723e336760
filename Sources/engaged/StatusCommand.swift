import ArgumentParser
import Reports
import Settings

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Says how a running daemon is.",
        discussion: "Asks its admin port. Exits with 75 when nobody answers there.")

    @OptionGroup var options: SettingsOptions

    @Flag(help: "The same as JSON.")
    var json = false

    func run() async throws {
        let settings = try options.settings()
        guard let address = settings.admin else {
            throw failure(.usage, "the configuration has no admin port (admin: none)")
        }
        let client = StatusClient(AdminServer.Address(address), token: settings.adminToken)
        do {
            let status = try await client.status()
            say(json ? status.json : String(status.text.dropLast()))
        } catch let error as StatusClient.Failure {
            throw failure(.temporary, "\(address): \(error)")
        }
    }
}
