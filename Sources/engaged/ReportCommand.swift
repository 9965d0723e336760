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
            Reads the ledger beside a running daemon or without one. `engaged report --list` names \
            the reports. Money is in minor units (cents) of its currency.
            """)

    @Argument(help: "Which report; see --list.")
    var name: String = "customers"

    @OptionGroup var options: SettingsOptions

    @Flag(help: "Name the reports and what each takes.")
    var list = false

    @Option(help: "The newsletter: clickers, links, newsletters.")
    var newsletter: String?

    @Option(help: "The newsletter's issue: clickers, links.")
    var issue: String?

    @Option(help: "Only this currency: activities, best, buyers.")
    var currency: String?

    @Option(help: "How many days back: balance.")
    var days: Int64?

    @Option(help: "table, json or csv.")
    var format: Report.Format = .table

    @Option(name: .shortAndLong, help: "The most rows (default: 20 in a table, else all).")
    var limit: Int?

    func validate() throws {
        _ = try question()
        guard limit ?? 1 > 0 else { throw ValidationError("--limit takes 1 or more") }
        guard (1...36_500).contains(days ?? 1) else {
            throw ValidationError("--days takes 1 to 36500")
        }
    }

    func run() async throws {
        if list { return say(Report.list) }
        let (report, arguments) = try question()
        let path = try ledgerPath(try options.settings())
        do {
            let text = try report.render(
                try LedgerReader(path), arguments, limit: limit ?? (format == .table ? 20 : nil),
                format: format, width: format == .table ? TerminalText.columns() : nil)
            emit(text)
        } catch let error as LedgerError {
            throw failure(.inputOutput, "\(error)")
        }
    }

    private func question() throws -> (Report, [Cell]) {
        guard let report = Report.named(name) else {
            throw ValidationError(
                "there is no report \"\(name)\"; there are \(Report.all.map(\.name).joined(separator: ", "))"
            )
        }
        if list { return (report, []) }
        var given: [Report.Parameter.Name: Cell] = [:]
        given[.newsletter] = newsletter.map { .text($0) }
        given[.issue] = issue.map { .text($0) }
        given[.currency] = currency.map { .text($0) }
        given[.days] = days.map { .integer($0) }
        do { return (report, try report.arguments(given)) } catch {
            throw ValidationError(error.description)
        }
    }
}

/// The ledger of the data directory, or exit code 74.
func ledgerPath(_ settings: Settings) throws -> String {
    let path = settings.dataDirectory + "/ledger.sqlite"
    guard access(path, F_OK) == 0 else {
        throw failure(
            .inputOutput, "there is no ledger at \(path); start the daemon, or give --data")
    }
    return path
}

/// Text on stdout that brings its own line ends.
func emit(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        // Nobody reads on: there is nobody to tell.
        if count <= 0 { return }
        rest = rest.dropFirst(count)
    }
}

extension Report.Format: ExpressibleByArgument {}
