import ArgumentParser
import Glibc
import Journal
import Ledger
import Settings

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Makes a consistent copy of the data directory, while the daemon runs.",
        discussion: """
            DIR becomes a data directory of its own: the ledger as it is at this moment, every segment \
            that there is, and the ids of the events whose segments have been retired. A second run into the same DIR copies only what is new and drops \
            what the original no longer has. To restore, put DIR where the data directory was and \
            start the daemon: it counts what came after the ledger's copy and goes on.

            DIR ends with a full check, as engaged verify makes it. Sealed segments never change, \
            except by erasure, so rsync, restic or an object store can take them from DIR, or from \
            the data directory itself. What is in a backup is not erased when a person is: make a \
            new one afterwards.
            """)

    @Argument(help: "Where to; made where it doesn't exist.") var directory: String

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        do {
            try back(settings)
        } catch let error as Mirror.Refusal {
            throw failure(.badData, "\(error)")
        } catch let error as FileError {
            throw failure(.inputOutput, "\(error)")
        } catch let error as LedgerError {
            throw failure(.inputOutput, "\(error)")
        }
    }

    private func back(_ settings: Settings) throws {
        var progress = Progress()
        let mirror = try Mirror(of: settings.dataDirectory, in: directory)
        let copied = try mirror.run { done, total in
            progress.show(
                total > 0 ? Double(done) / Double(total) : nil,
                "copied \(grouped(done >> 20)) of \(grouped(total >> 20)) MiB")
        }
        let report = try verifyJournal(directory: directory) { done, total in
            progress.show(
                total > 0 ? Double(done) / Double(total) : nil,
                "checked \(grouped(done >> 20)) of \(grouped(total >> 20)) MiB")
        }
        progress.clear()
        for damage in report.damages { complain("engaged: CORRUPT \(damage)") }
        say(
            "\(grouped(report.segments.count)) segments up to seq \(report.lastSeq ?? 0), \(grouped(copied.files)) of them copied now (\(grouped(copied.bytes)) bytes); ledger up to seq \(copied.counted)"
        )
        if report.verdict == .corrupt {
            throw failure(
                .badData, "the original is damaged: run engaged verify, and keep earlier backups")
        }
    }
}
