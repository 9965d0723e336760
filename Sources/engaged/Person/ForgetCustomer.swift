import ArgumentParser
import Customers
import Glibc
import Journal
import Ledger
import Logging
import Settings
import Telemetry

struct ForgetCustomer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Erases a person: ledger, segments, snapshots and what was refused.",
        discussion: """
            Her rows go, her stored events lose everything that tells who she was; totals stay. A \
            running daemon does it beside its work; without one the command does it itself. It can't \
            be undone, and doesn't reach backups: make a new one and delete the old.

            Events that name her later count as a new person's. Send permission_withdrawn with \
            purpose tracking afterwards to keep them from counting for anybody.
            """)

    @OptionGroup var who: CustomerOptions

    @Flag(help: "Don't ask.")
    var yes = false

    @Option(help: .init("How long to wait for the end (default: 3600).", valueName: "seconds"))
    var wait = 3_600

    func run() async throws {
        let settings = try who.settings.settings()
        let (person, ledger) = try who.open(settings)
        let site = try mainSite(ledger) ?? settings.sites.first?.name ?? "default"
        try ledger.close()
        try confirm(person)
        let data = DataDirectory(settings.dataDirectory)
        do {
            let path = try ForgetRequests.leave(
                person.name, data: data, site: site)
            let seconds = try follow(path, settings, data)
            say("\(person.name) is erased (\(seconds) s)")
        } catch let error as FileError {
            throw failure(.inputOutput, "\(error)")
        }
    }

    /// The site under which the request is counted, as a customer is of no site.
    private func mainSite(_ ledger: LedgerReader) throws -> String? {
        let rows = try ledger.rows(
            sql: "SELECT site FROM site_day GROUP BY site ORDER BY SUM(human) DESC, site LIMIT 1")
        if case .text(let site) = rows.rows.first?.first { return site }
        return nil
    }

    private func confirm(_ person: Person) throws {
        guard !yes else { return }
        guard isatty(STDIN_FILENO) == 1 else {
            throw failure(.usage, "this can't be undone: give --yes")
        }
        complain(
            "This erases \(person.name), known under \(person.subjects.count) names, for good.\nType the name to go on:"
        )
        guard readLine() == person.name else { throw failure(.usage, "nothing was erased") }
    }

    /// Until the request is gone; does the daemon's work where none is running.
    private func follow(_ path: String, _ settings: Settings, _ data: DataDirectory) throws -> Int {
        let began = monotonicSeconds()
        let files = PosixFileSystem()
        let core = try ownCore(settings)
        defer {
            core?.stopKeeping()
            try? core?.stop()
        }
        var progress = Progress()
        while try files.sizeOfFile(path) != nil {
            let seconds = monotonicSeconds() - began
            guard seconds < Double(wait) else {
                progress.clear()
                throw failure(
                    .temporary, "it isn't finished yet; the daemon goes on with it (see its log)")
            }
            progress.show(nil, "erasing, \(Int(seconds)) s")
            pause(milliseconds: 100)
        }
        progress.clear()
        return Int((monotonicSeconds() - began).rounded())
    }

    /// nil: a daemon is running.
    private func ownCore(_ settings: Settings) throws -> Core? {
        LogSetup.start(level: .warning, environment: environmentVariables())
        do {
            return try Core.start(
                settings, counters: Counters.ofDaemon(), logger: Logger(label: "engaged"))
        } catch let error as JournalError {
            if case .locked = error { return nil }
            throw failure(.badData, "\(error); run: engaged verify")
        } catch let error as LedgerError {
            throw failure(.inputOutput, "\(error)")
        }
    }
}
