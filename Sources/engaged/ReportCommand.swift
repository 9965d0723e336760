import ArgumentParser
import Glibc
import Ledger
import Reports
import Settings

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Prints a report from the ledger.",
        discussion: """
            Reports:
            \(Report.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

            Reads the ledger beside a running daemon or without one.
            """)

    @Argument(help: "customers, newsletters or sites.")
    var name: String = "customers"

    @OptionGroup var options: SettingsOptions

    @Option(help: "table, json or csv.")
    var format: Report.Format = .table

    @Option(name: .shortAndLong, help: "The most rows.")
    var limit = 20

    func validate() throws {
        guard Report.named(name) != nil else {
            throw ValidationError(
                "there is no report \"\(name)\"; there are \(Report.all.map(\.name).joined(separator: ", "))"
            )
        }
        guard limit > 0 else { throw ValidationError("--limit takes 1 or more") }
    }

    func run() async throws {
        let settings = try options.settings()
        let path = settings.dataDirectory + "/ledger.sqlite"
        guard access(path, F_OK) == 0 else {
            throw failure(
                .inputOutput, "there is no ledger at \(path); start the daemon, or give --data")
        }
        guard let report = Report.named(name) else { return }
        do {
            let text = try report.render(
                try LedgerReader(path), limit: limit, format: format, width: terminalWidth())
            say(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        } catch let error as LedgerError {
            throw failure(.inputOutput, "\(error)")
        }
    }

    private func terminalWidth() -> Int? {
        guard format == .table, isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }
}

extension Report.Format: ExpressibleByArgument {}
