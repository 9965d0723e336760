import ArgumentParser
import Engagement
import Journal
import Ledger
import Rollup
import Settings

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Rebuilds the ledger from the segments.",
        discussion: """
            Folds every stored event into a new ledger beside the old one and then swaps them. The \
            content is the same as that of the live ledger. Where retention has deleted the oldest \
            segments it goes on from the newest snapshot in snapshots/, and knows the ids of the deleted \
            events from ids/. The daemon must be stopped; \
            analysts who have the old file open keep reading it until they open it again.
            """)

    @Flag(
        help:
            "Count only what the segments still hold, though earlier ones have been retired and no snapshot reaches them."
    )
    var incomplete = false

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        do {
            try rebuild(settings)
        } catch let error as JournalError {
            throw failure(.temporary, "\(error); stop the daemon first")
        } catch let error as FileError {
            throw failure(.inputOutput, "\(error)")
        } catch let error as LedgerError {
            throw failure(.inputOutput, "\(error)")
        } catch let error as LedgerFile.NotRebuildable {
            throw failure(
                .badData,
                "\(error); restore a backup, or run engaged replay --incomplete to count what is left"
            )
        }
    }

    private func rebuild(_ settings: Settings) throws {
        let journal = try Journal.open(
            directory: settings.dataDirectory, limits: JournalLimits(settings),
            notice: { complain("engaged: \($0)") })
        defer { journal.stop() }
        let file = LedgerFile(settings, notice: { complain("engaged: \($0)") })
        let beside = file.beside
        try file.removeHalfMade()
        let log = try LedgerFile.Log(journal)
        if log.first > 1, !incomplete {
            // The log's start has been retired: its counters are in a snapshot.
            guard let snapshot = try file.snapshots.newest(where: log.continues) else {
                throw LedgerFile.NotRebuildable(first: log.first)
            }
            try file.snapshots.restore(snapshot, to: beside)
            complain("engaged: goes on from the snapshot up to seq \(snapshot.lastSeq)")
        }
        let ledger = try Ledger.open(beside, settings: file.options)
        let last = log.durable
        // What the ledger has never counted it must not recognise either.
        let isPartial = log.first > 1 && incomplete
        let ids = LedgerFile.idIndex(settings, notice: { complain("engaged: \($0)") })
        let folder = try Folder(
            log: LogAhead(journal.reader(), durable: { last }), store: ledger,
            idKey: LedgerFile.idKey(journal.identity),
            window: UInt64(settings.rollup.dedupeWindow), ids: isPartial ? nil : ids)
        try folder.rebuild()
        let began = folder.stored.lastSeq
        var progress = Progress()
        try folder.catchUp(through: last) { done, all in
            progress.show(
                all > 0 ? Double(done) / Double(all) : nil,
                "\(grouped(done)) of \(grouped(all)) events")
        }
        try folder.flush()
        folder.storeIDs()
        try ledger.checkpoint()
        let stored = folder.stored
        try ledger.close()
        try file.replace(with: beside)
        if isPartial { try ids.clear() }
        progress.clear()
        let rate = Int(Double(last - began) / max(progress.seconds, 0.001))
        say(
            "\(grouped(stored.applied)) events counted, \(grouped(stored.duplicates)) duplicates left out; \(grouped(rate)) events/s"
        )
    }
}
