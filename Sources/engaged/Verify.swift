import ArgumentParser
import Journal
import Ledger
import Rollup
import Settings

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads every segment and says whether it holds.",
        discussion: """
            Checks every header, checksum, link and line; changes nothing, and may run beside the \
            daemon. One verdict a segment: sealed, open (being written), torn (normal after a crash, \
            the next start sets it aside) or corrupt, with the offset, the reason, and the seqs that \
            are missing. Names retired events whose ids are lost, too. Exits with 0, or 65 when a \
            segment is corrupt.

            --repair, while the daemon is stopped, does what can be done without deleting anything: \
            torn tails are set aside and files sealed as at a start, damaged ranges are copied to \
            quarantine/, and the index of ids is made anew from what is sound; what it knows of retired \
            events stays. A corrupt file stays as it is: all else reads past the damage. To mend it, \
            put the same file from a backup in its place.
            """)

    @Flag(help: "Set torn tails and damaged ranges aside and make the index of ids anew.")
    var repair = false

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        var progress = Progress()
        let report: JournalReport
        do {
            report =
                repair
                ? try mend(settings, &progress)
                : try check(settings.dataDirectory, &progress)
        } catch let error as FileError {
            throw failure(.inputOutput, "\(error)")
        } catch JournalError.locked(let path) {
            throw failure(.temporary, "another process holds \(path); stop the daemon first")
        } catch let error as JournalError {
            throw failure(.badData, "\(error)")
        }
        progress.clear()
        for segment in report.segments {
            say(
                "\(segment.state.rawValue.padded(7)) \(segment.file)  epoch \(segment.epoch.map(String.init) ?? "?")  seq \(segment.firstSeq) +\(segment.lineCount)  \(segment.sizeBytes) bytes"
            )
            for damage in segment.damages { say("        CORRUPT \(damage)") }
            if let torn = segment.torn { say("        torn \(torn)") }
        }
        for stray in report.strays { say("stray   \(stray)") }
        if let text = lostIDs(settings, report) { say("ids     \(text)") }
        say(
            "\(report.verdict.rawValue): \(grouped(report.events)) events, \(grouped(report.control)) control lines, seq \(report.firstSeq.map(String.init) ?? "-")..\(report.lastSeq.map(String.init) ?? "-")"
        )
        if report.verdict == .corrupt { throw ExitCode(Ending.badData.rawValue) }
    }

    private func check(_ directory: String, _ progress: inout Progress) throws -> JournalReport {
        try verifyJournal(directory: directory) { done, total in
            progress.show(
                total > 0 ? Double(done) / Double(total) : nil,
                "\(grouped(done >> 20)) of \(grouped(total >> 20)) MiB")
        }
    }

    /// Of events whose segments were retired: their ids lie in `ids/` alone. No verdict on the log.
    private func lostIDs(_ settings: Settings, _ report: JournalReport) -> String? {
        let data = DataDirectory(settings.dataDirectory)
        guard let first = report.firstSeq, first > 1 else { return nil }
        do {
            let identity = try NodeIdentity.load(data, PosixFileSystem())
            // From either on events may be counted again.
            let ledger = try? Ledger.lastSeq(of: data.ledger)
            let snapshot = try Snapshots(data: data, kept: 1).list().first?.lastSeq
            guard let counted = [ledger, snapshot].compactMap({ $0 }).min() else { return nil }
            let window = UInt64(settings.rollup.dedupeWindow)
            let from = counted >= window ? counted - window + 1 : 1
            guard let identity, from < first else { return nil }
            return try LedgerFile.idIndex(settings).examine(
                from...(first - 1), idKey: LedgerFile.idKey(identity))
        } catch { return "\(error)" }
    }

    private func mend(_ settings: Settings, _ progress: inout Progress) throws -> JournalReport {
        let journal = try Journal.open(
            directory: settings.dataDirectory, limits: JournalLimits(settings),
            notice: { complain("engaged: \($0)") })
        defer { journal.stop() }
        let report = try check(settings.dataDirectory, &progress)
        let copies = try journal.setAside(report)
        let durable = journal.watermark.seq
        let files = try LedgerFile.idIndex(
            settings, notice: { complain("engaged: \($0)") }
        ).rebuildAll(
            from: JournalLog(journal.reader(), durable: { durable }),
            idKey: LedgerFile.idKey(journal.identity),
            window: UInt64(settings.rollup.dedupeWindow)
        ) { done, all in
            progress.show(
                Double(done) / Double(max(1, all)), "\(grouped(done)) of \(grouped(all)) ids")
        }
        progress.clear()
        say("\(copies) damaged ranges newly kept in quarantine/; \(files) id index files made anew")
        return report
    }
}

extension String {
    func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
