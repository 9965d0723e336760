import Journal
import Logging
import Rollup
import Synchronization
import Telemetry
import Visitors

/// Once a second: what the parts count themselves goes to the metrics, refused lines to disk.
final class Housekeeping: Sendable {
    private let counters: Counters
    private let journal: Journal
    private let rollup: RollupLoop
    private let rejected: RejectedLines
    private let linkKeys: LinkKeyWatch
    private let certificates: CertificateWatch?
    private let visitors: VisitorDay?
    private let logger: Logger
    private let last: Mutex<(journal: JournalStatistics, rollup: RollupStatus)>
    private let hasComplained = Atomic<Bool>(false)
    private let hasComplainedOfSalt = Atomic<Bool>(false)

    init(
        counters: Counters, journal: Journal, rollup: RollupLoop, rejected: RejectedLines,
        linkKeys: LinkKeyWatch, certificates: CertificateWatch?, visitors: VisitorDay?,
        logger: Logger
    ) {
        self.counters = counters
        self.journal = journal
        self.rollup = rollup
        self.rejected = rejected
        self.linkKeys = linkKeys
        self.certificates = certificates
        self.visitors = visitors
        self.logger = logger
        last = Mutex((JournalStatistics(), rollup.status))
    }

    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            tick()
        }
    }

    func tick() {
        // The timer and a scrape may come together: who comes second sees what the first one left.
        last.withLock { last in
            let now = (journal: journal.statistics(), rollup: rollup.status)
            publish(now, since: last)
            last = now
        }
        linkKeys.look()
        certificates?.look()
        keepSalt()
        do { try rejected.flush() } catch {
            // Once: the folder is a help, and a full disk would repeat it every second.
            if !hasComplained.exchange(true, ordering: .relaxed) {
                logger.warning("refused lines can't be kept", metadata: ["error": "\(error)"])
            }
        }
    }

    /// After midnight the old one is destroyed.
    private func keepSalt() {
        do { try visitors?.tick() } catch {
            if !hasComplainedOfSalt.exchange(true, ordering: .relaxed) {
                logger.warning(
                    "the day's salt can't be kept: after a restart today's nameless visitors are others",
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
