import Engagement
import Journal
import Rollup
import TestSupport

/// What outlives the daemon: the disk, the clock, the ledger's file, the clients, and the model of
/// what all that must look like.
final class World: @unchecked Sendable {
    static let directory = "/data"
    static let idKey = HashKey(a: 3, b: 5)

    let disk: SimulatedDisk
    let clock = SimulatedClock()
    let referee = Referee()
    let store: SimulatedStore
    let window: UInt64
    var rng: SeededRNG
    var model: Model
    var traffic: Traffic
    var tally = Tally()
    var trace: ((String) -> Void)?
    /// What was flipped on purpose; nil: nothing so far.
    var damage: Damage?
    /// Calls of the disk until the last life was over.
    var lastCall = 0
    /// Bits may flip in this one.
    var isDamaging = false
    /// Old segments are deleted in this one.
    var isRetiring = false
    /// Lines that are gone.
    var retired: UInt64 = 0
    /// No line after it may be missing.
    var retirable: UInt64 = 0
    /// The machine stopped before this life, so that cache and platter agree.
    var wasCut = false

    init(seed: UInt64, trace: ((String) -> Void)?) {
        rng = SeededRNG(seed)
        disk = SimulatedDisk(seed: rng.next(), clock: clock)
        window = .random(in: 1...40, using: &rng)
        store = SimulatedStore(referee, key: HashKey(a: rng.next(), b: rng.next()))
        model = Model(referee)
        traffic = Traffic(longestPad: rng.oneIn(3) ? 1_200 : 64)
        self.trace = trace
        disk.trace = trace
    }

    func tell(_ text: @autoclosure () -> String) { trace?(text()) }

    /// A batch of new lines and of lines sent again: the latest, some near the window's edge.
    func newBatch() -> (batch: Batch, numbers: Range<Int>) {
        let count =
            rng.oneIn(10) ? Int.random(in: 1...30, using: &rng) : .random(in: 1...5, using: &rng)
        let (settled, lines, window) = (model.settled, traffic.lines, Int(window))
        let made = traffic.batch(lines: count, &rng) { rng in
            guard damage == nil, !lines.isEmpty, rng.oneIn(4) else { return nil }
            if rng.oneIn(2) {
                let edge = settled.count - window + Int.random(in: -3...3, using: &rng)
                guard settled.indices.contains(edge), case .line(let number)? = settled[edge] else {
                    return nil
                }
                return lines[number].identity
            }
            return lines.suffix(12).randomElement(using: &rng)?.identity
        }
        tally.events += count
        return made
    }

    func acknowledge(_ numbers: Range<Int>, firstSeq: UInt64) {
        tally.acknowledged += numbers.count
        model.claim(numbers.map { .line($0) }, firstSeq: firstSeq)
    }

    // MARK: Checks

    /// After a recovery that succeeded. - Parameter before: all files as it found them, where that
    /// was what the platter held.
    func checkRecovery(_ journal: Journal, _ before: [String: [UInt8]]?) throws {
        try disk.inspect {
            referee.expect(
                journal.epoch > model.lastEpoch,
                "epoch \(journal.epoch) follows \(model.lastEpoch)")
            model.lastEpoch = journal.epoch
            let first = try journal.firstSeq()
            referee.expect(
                first <= retirable + 1, "the log begins at \(first), but \(retirable + 1) is needed"
            )
            try model.compare(
                journal.reader(), from: first, through: journal.recovery.nextSeq - 1, traffic,
                lost: damage?.lost ?? [])
            referee.expect(
                journal.watermark.seq == journal.recovery.nextSeq - 1, "the watermark is off")
            if damage != nil || rng.oneIn(3) { try checkVerdict() }
            if let before { TornTails.check(before, disk.files(below: Self.directory), referee) }
        }
    }

    private func checkVerdict() throws {
        let report = try verifyJournal(directory: Self.directory, fileSystem: disk)
        referee.expect(
            (report.verdict == .corrupt) == (damage != nil),
            "the journal is \(report.verdict): \(report.damages)")
        guard let damage else { return }
        referee.expect(
            disk.files(below: Self.directory)[damage.path] == damage.bytes,
            "the damaged \(damage.path) was changed")
    }

    /// A recovery without events between changes no byte.
    func checkUnchanged(since first: [String: [UInt8]]) {
        let again = disk.files(below: Self.directory)
        for room in ["/segments/", "/quarantine/"] {
            let was = first.filter { $0.key.contains(room) }
            let now = again.filter { $0.key.contains(room) }
            referee.expect(
                was == now,
                "a second recovery changed \(room): \(was.keys.sorted()), \(now.keys.sorted())")
        }
    }

    /// A reader beside the writer.
    func checkLog(_ journal: Journal) {
        disk.inspect {
            do {
                var next = try journal.firstSeq()
                try journal.reader().read(from: 1, through: journal.watermark.seq) { batch in
                    referee.expect(
                        batch.firstSeq == next || damage != nil,
                        "a reader met \(batch.firstSeq) for \(next)")
                    next = batch.lastSeq + 1
                }
                referee.expect(
                    next == journal.watermark.seq + 1 || damage != nil,
                    "a reader ended before \(next) of \(journal.watermark.seq)")
            } catch { referee.complain("a reader failed: \(error)") }
        }
    }

    /// - Parameter last: the ledger must have counted through it; nil: as far as it says.
    func checkCounters(through last: UInt64?) {
        let newest = store.newest
        guard newest.progress.lastSeq <= model.lastSeq else {
            return referee.complain("the ledger is ahead of the log")
        }
        if let last {
            let lost = damage?.lost ?? []
            let missing = (0...last).dropFirst(Int(newest.progress.lastSeq) + 1)
            referee.expect(
                missing.allSatisfy { lost.contains($0) } && newest.progress.lastSeq <= last,
                "the ledger is at \(newest.progress.lastSeq), the log at \(last)")
        }
        let expected = model.counters(through: newest.progress.lastSeq, window: window, traffic)
        if let damage {
            // What was lost may have been counted before, or not.
            return referee.expect(
                abs(newest.counters.applied - expected.applied) <= damage.lost.count,
                "\(newest.counters.applied) lines were counted, not about \(expected.applied)")
        }
        referee.expect(
            newest.counters == expected,
            "through \(newest.progress.lastSeq) the ledger has \(newest.counters), not \(expected)")
    }

    func checkClean() {
        disk.inspect {
            do {
                let report = try verifyJournal(directory: Self.directory, fileSystem: disk)
                referee.expect(
                    report.isClean || damage != nil,
                    "an orderly stop left \(report.segments.map(\.state))")
            } catch { referee.complain("\(error)") }
        }
        referee.expect(disk.openFiles == 0, "\(disk.openFiles) files were left open")
    }
}
