import ArgumentParser
import Glibc
import Ledger
import LifetimeValue
import Reports
import Settings

struct LifetimeValueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clv",
        abstract: "Estimates what each customer will buy and what that is worth.",
        discussion: """
            Fits the BG/NBD model of buying and the Gamma-Gamma model of spending to the ledger's \
            orders, each currency by itself, and writes a SQLite file of its own with the tables clv \
            (a row per customer and currency) and clv_fit. Prints the fits; with --format the \
            customers, those of most value first, and the fits on stderr.

            Money is in minor units, as in the ledger. The file replaces the one before as a whole. \
            It is removed when a person is forgotten: run this again, daily for instance.

            Exits with 65 when no currency has enough customers.
            """)

    @OptionGroup var options: SettingsOptions

    @Option(
        help: .init(
            "The file to write (default: clv.sqlite in the data directory).", valueName: "file"))
    var output: String?

    @Option(help: "Days ahead, separated by commas.")
    var horizons = "30,90,365"

    @Option(help: "The part of a purchase's value that is gain; 1 counts revenue.")
    var margin = 1.0

    @Option(help: "What money loses of its worth in a year, e.g. 0.1 for a tenth.")
    var discount = 0.0

    @Option(help: "Print the customers, too: table, json or csv.")
    var format: Report.Format?

    @Option(
        name: .shortAndLong, help: "The most customers printed (default: 20 in a table, else all).")
    var limit: Int?

    private var days: [Int] { horizons.split(separator: ",").map { Int($0) ?? 0 } }

    func validate() throws {
        guard !days.isEmpty, days.count <= 12, Set(days).count == days.count,
            days.allSatisfy({ (1...36_500).contains($0) })
        else {
            throw ValidationError(
                "--horizons takes up to twelve different numbers of days, e.g. 30,90,365")
        }
        guard margin > 0, margin <= 1 else { throw ValidationError("--margin takes 0 to 1") }
        guard (0..<10).contains(discount) else {
            throw ValidationError("--discount takes 0 or more, e.g. 0.1")
        }
        guard limit ?? 1 > 0 else { throw ValidationError("--limit takes 1 or more") }
    }

    func run() async throws {
        let settings = try options.settings()
        let ledger = try ledgerPath(settings)
        let file =
            output.map { LifetimeValueFile($0) }
            ?? LifetimeValueFile(dataDirectory: settings.dataDirectory)
        guard file.mayBeReplaced else {
            throw failure(
                .usage,
                "\(file.path) wasn't made by `engaged clv`: it stays as it is; move it or give --output"
            )
        }
        do {
            try file.make(
                from: ledger, horizons: days.sorted(),
                terms: LifetimeModel.Terms(margin: margin, discountRate: discount)
            ) { table in
                let text = table.text
                if format == nil, !text.isEmpty { say(text) } else { complain(text) }
                guard table.markets.contains(where: \.isFitted) else {
                    throw failure(
                        .badData,
                        table.markets.isEmpty
                            ? "nobody has ordered anything yet"
                            : "no currency has enough customers")
                }
            }
            if let format {
                let report = Report.lifetimeValue(horizons: days.sorted())
                let text = try report.render(
                    try LedgerReader(file.path), [],
                    limit: limit ?? (format == .table ? 20 : nil), format: format,
                    width: format == .table ? TerminalText.columns() : nil)
                emit(text)
            } else {
                say("\nThe customers are in \(file.path), table clv.")
            }
        } catch let error as LedgerError {
            throw failure(.inputOutput, "\(error)")
        } catch let error as DerivedFile.Failure {
            if case .system = error { throw failure(.inputOutput, "\(error)") }
            throw failure(.temporary, "\(error)")
        }
    }
}
