import ArgumentParser
import Journal
import Settings

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads every segment and says whether it holds.",
        discussion: """
            Checks every header, checksum, link and line; changes nothing, and may run beside the \
            daemon. One verdict a segment: ok, torn_tail (normal after a crash, the next start sets \
            it aside) or corrupt. Exits with 0, or 65 when something is corrupt.
            """)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        var progress = Progress()
        let report: JournalReport
        do {
            report = try verifyJournal(directory: settings.dataDirectory) { done, total in
                progress.show(
                    total > 0 ? Double(done) / Double(total) : nil,
                    "\(grouped(done >> 20)) of \(grouped(total >> 20)) MiB")
            }
        } catch let error as FileError {
            throw failure(.inputOutput, "\(error)")
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
        say(
            "\(report.verdict.rawValue): \(grouped(report.events)) events, \(grouped(report.control)) control lines, seq \(report.firstSeq.map(String.init) ?? "-")..\(report.lastSeq.map(String.init) ?? "-")"
        )
        if report.verdict == .corrupt { throw ExitCode(Ending.badData.rawValue) }
    }
}

extension String {
    func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
