import Engagement
import Journal
import Rollup
import TestSupport

/// The log as the roll-up gets it. Lets the roll-up end when the machine has stopped under it: it
/// would try again for ever, as it should.
final class WatchedLog: DurableLog, @unchecked Sendable {
    private let log: JournalLog
    private let disk: SimulatedDisk
    private let referee: Referee
    weak var loop: RollupLoop?

    init(_ journal: Journal, _ disk: SimulatedDisk, _ referee: Referee) {
        log = JournalLog(journal.reader(), durable: { journal.watermark.seq })
        self.disk = disk
        self.referee = referee
    }

    var watermark: UInt64 { log.watermark }
    var first: UInt64 { get throws { try log.first } }

    func read(from: UInt64, through: UInt64, into: (Batch) throws -> Void) throws {
        referee.expect(
            through <= log.watermark, "the roll-up reads through \(through) of \(log.watermark)")
        do { try log.read(from: from, through: through, into: into) } catch {
            if disk.isStopped { loop?.askToStop() }
            throw error
        }
    }
}
