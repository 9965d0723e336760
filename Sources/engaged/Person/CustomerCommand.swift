import ArgumentParser
import Customers
import Engagement
import Glibc
import Journal
import Ledger
import Settings

struct CustomerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customer",
        abstract: "Shows, exports or forgets what is held on one person.",
        subcommands: [ShowCustomer.self, ExportCustomer.self, ForgetCustomer.self])
}

/// Who is meant, and the ledger that knows her.
struct CustomerOptions: ParsableArguments {
    @Argument(
        help: "A customer id, an e-mail address that she gave, or v/SITE/VISITOR for a visitor.")
    var id: String

    @OptionGroup var settings: SettingsOptions

    func open(_ settings: Settings) throws -> (person: Person, ledger: LedgerReader) {
        let path = settings.dataDirectory + "/ledger.sqlite"
        guard access(path, F_OK) == 0 else {
            throw failure(
                .inputOutput, "there is no ledger at \(path); start the daemon, or give --data")
        }
        do {
            let ledger = try LedgerReader(path)
            return (try Person.find(id, in: ledger), ledger)
        } catch let error as Person.NotFound {
            throw failure(.badData, "\(error)")
        } catch let error as LedgerError {
            throw failure(.inputOutput, "\(error)")
        }
    }
}

struct ShowCustomer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows a person on one page.")

    @OptionGroup var who: CustomerOptions

    func run() async throws {
        let (person, ledger) = try who.open(try who.settings.settings())
        do { say(try PersonPage.text(person, ledger)) } catch let error as LedgerError {
            throw failure(.inputOutput, "\(error)")
        }
    }
}

struct ExportCustomer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes everything held on a person as one JSON document.",
        discussion: """
            Her rows of every table of the ledger, then her events as they are stored; nothing of \
            anybody else. Reads all segments, beside a running daemon or without one.
            """)

    @OptionGroup var who: CustomerOptions

    @Option(
        name: .shortAndLong, help: "A new file, readable by you alone. Default: standard output.")
    var output: String?

    func run() async throws {
        let settings = try who.settings.settings()
        let (person, ledger) = try who.open(settings)
        let out = try ExportFile(output)
        do {
            let reader = DurableReader(
                segments: DataDirectory(settings.dataDirectory).segments)
            var progress = Progress()
            let last = try reader.lastSeq()
            let events = { (take: (Record) throws -> Void) in
                try reader.read(from: 1, through: last) { batch in
                    for i in 0..<batch.lineCount { try take(Record(batch: batch, index: i)) }
                    progress.show(
                        Double(batch.lastSeq) / Double(max(1, last)),
                        "\(grouped(batch.lastSeq)) of \(grouped(last)) events")
                }
            }
            let count = try PersonExport(person, write: out.write).run(
                ledger, events: events,
                refused: try RejectedLines.entries(DataDirectory(settings.dataDirectory)))
            progress.clear()
            try out.close()
            complain("engaged: \(count.rows) rows, \(count.events) events of \(person.name)")
        } catch let error as LedgerError {
            throw failure(.inputOutput, "\(error)")
        } catch let error as FileError {
            throw failure(.inputOutput, "\(error)")
        }
    }
}

/// Where an export goes: personal, so that nobody else may read the file.
private final class ExportFile {
    private let descriptor: Int32
    private let path: String
    private var waiting: [UInt8] = []

    init(_ path: String?) throws {
        self.path = path ?? "standard output"
        guard let path else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw failure(.inputOutput, "\(path): \(String(cString: strerror(errno)))")
        }
    }

    func write(_ text: String) throws {
        waiting += Array(text.utf8)
        if waiting.count > 1 << 16 { try flush() }
    }

    private func flush() throws {
        var done = 0
        while done < waiting.count {
            let n = waiting.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done)
            }
            if n < 0, errno == EINTR { continue }
            guard n > 0 else {
                throw failure(.inputOutput, "\(path): \(String(cString: strerror(errno)))")
            }
            done += n
        }
        waiting.removeAll(keepingCapacity: true)
    }

    func close() throws {
        try flush()
        if descriptor != STDOUT_FILENO { _ = Glibc.close(descriptor) }
    }
}
