import ArgumentParser
import Ledger
import Settings
import Summaries

struct Summarize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summarize",
        abstract: "Makes the summary: the answers that need every customer's rows.",
        discussion: """
            Works out summary.sqlite in the data directory anew, while the daemon runs or not. The \
            daemon does so by itself every summaries.minutes; this is for now. Its tables: \
            schemas/summary.md. Takes about 35 seconds of one core per million customers.
            """)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        let summary = Summary(dataDirectory: settings.dataDirectory)
        do {
            let facts = try summary.make(from: try ledgerPath(settings))
            say("\(summary.path) counts up to seq \(facts.lastSeq)")
        } catch let error as LedgerError {
            throw failure(.inputOutput, "\(error)")
        } catch let error as DerivedFile.Failure {
            if case .system = error { throw failure(.inputOutput, "\(error)") }
            throw failure(.temporary, "\(error)")
        }
    }
}
