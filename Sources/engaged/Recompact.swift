import ArgumentParser
import Journal
import Settings

struct Recompact: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recompact",
        abstract: "Packs all sealed segments more tightly.",
        discussion: """
            Below what gzip -9 would make of the same lines, about a fifth less than as they were \
            written; no line changes. The daemon must be stopped; it does the same beside its work, \
            slowly, with recompaction.percent. Takes about 20 seconds of one core per million events; \
            may be interrupted and run again. What is packed already isn't touched, nor is what \
            doesn't hold: then it exits with 65.
            """)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        do {
            let journal = try Journal.open(
                directory: settings.dataDirectory, limits: JournalLimits(settings),
                notice: { complain("engaged: \($0)") })
            defer { journal.stop() }
            try pack(journal)
        } catch let error as JournalError {
            throw failure(.temporary, "\(error); stop the daemon first")
        } catch let error as FileError {
            throw failure(.inputOutput, "\(error)")
        }
    }

    private func pack(_ journal: Journal) throws {
        let recompaction = Recompaction(journal.rewriter(.tight))
        let names = try recompaction.due(before: .max, through: journal.watermark.seq)
        var progress = Progress()
        var (packed, before, after) = (0, 0, 0)
        var isDamaged = false
        for (i, name) in names.enumerated() {
            progress.show(Double(i) / Double(names.count), "\(i) of \(names.count) segments")
            do throws(SegmentRefusal) {
                guard let change = try recompaction.pack(name) else { continue }
                packed += 1
                before += change.bytesBefore
                after += change.bytesAfter
            } catch {
                if case .disk(let error) = error { throw error }
                complain("engaged: \(name) stays as it is: \(error)")
                isDamaged = true
            }
        }
        progress.clear()
        say(
            "\(grouped(packed)) of \(grouped(names.count)) segments packed: \(grouped(before)) bytes before, \(grouped(after)) now"
        )
        if isDamaged { throw ExitCode(Ending.badData.rawValue) }
    }
}
