import Journal
import Logging
import Rollup
import Synchronization
import Telemetry

/// Once a second: what the parts count themselves goes to the metrics, refused lines to disk.
final class Housekeeping: Sendable {
    private let counters: Counters
    private let journal: Journal
    private let rollup: RollupLoop
    private let rejected: RejectedLines
    private let linkKeys: LinkKeyWatch
    private let certificates: CertificateWatch?
    private let salt: VisitorSalt
    private let logger: Logger
    private let files: FileLook
    private let rate = RecentRate()
    private let last: Mutex<(journal: JournalStatistics, rollup: RollupStatus)>
    private let hasComplained = Atomic<Bool>(false)

    init(
        counters: Counters, journal: Journal, rollup: RollupLoop, rejected: RejectedLines,
        linkKeys: LinkKeyWatch, certificates: CertificateWatch?, salt: VisitorSalt,
        logger: Logger
    ) {
        self.counters = counters
        self.journal = journal
        self.rollup = rollup
        self.rejected = rejected
        self.linkKeys = linkKeys
        self.certificates = certificates
        self.salt = salt
        self.logger = logger
        files = FileLook(journal.directory)
        files.publish(counters)
        last = Mutex((JournalStatistics(), rollup.status))
    }

    func run() async {
        var turn = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            tick()
            turn += 1
            if turn % Self.turnsBetweenLooks == 0 { files.publish(counters) }
        }
    }

    private static let turnsBetweenLooks = 10

    /// Brings the metrics to this moment, without waiting for anything.
    func measure() {
        // The timer and a scrape may come together: who comes second sees what the first one left.
        last.withLock { last in
            let now = (journal: journal.statistics(), rollup: rollup.status)
            publish(now, since: last)
            last = now
        }
    }

    /// Durable lines a second, lately.
    var eventsPerSecond: Double { rate.perSecond }

    func tick() {
        measure()
        rate.note(journal.watermark.seq, at: monotonicSeconds())
        LogSetup.settle()
        linkKeys.look()
        certificates?.look()
        salt.tick()
        do { try rejected.flush() } catch {
            // Once: the folder is a help, and a full disk would repeat it every second.
            if !hasComplained.exchange(true, ordering: .relaxed) {
                logger.warning(
                    "refused lines can't be kept in rejected/; events are not concerned: look after the disk and the folder's rights",
                    metadata: ["error": "\(error)"])
            }
        }
    }

    private func publish(
        _ now: (journal: JournalStatistics, rollup: RollupStatus),
        since before: (journal: JournalStatistics, rollup: RollupStatus)
    ) {
        let (written, folded) = now
        counters.members.add(Int(written.members - before.journal.members))
        counters.rawBytes.add(Int(written.rawBytes - before.journal.rawBytes))
        counters.storedBytes.add(Int(written.storedBytes - before.journal.storedBytes))
        counters.queuedBatches.set(written.queuedBatches)
        counters.queuedBytes.set(written.queuedBytes)
        counters.diskLow.set(journal.isDiskLow)
        counters.rollupTrouble.set(folded.trouble != nil)
        counters.watermark.set(journal.watermark.seq)
        counters.damages.set(journal.damages.count)
        counters.appliedSeq.set(folded.appliedSeq)
        counters.lagMilliseconds.set(Int(folded.lagMilliseconds))
        counters.idsBytes.set(folded.seenBytes)
        counters.idsForgotten.set(folded.forgottenIDs)
        counters.applied.add(Int(folded.applied - before.rollup.applied))
        counters.duplicates.add(Int(folded.duplicates - before.rollup.duplicates))
    }
}
