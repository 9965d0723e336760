import Engagement
import Journal
import TestSupport

/// A journal on a simulated disk, moved by hand.
final class Rig: @unchecked Sendable {
    static let directory = "/data"
    let clock = SimulatedClock()
    let disk: SimulatedDisk
    var limits = JournalLimits()
    private(set) var journal: Journal?
    /// Of each batch, in the order in which they were settled.
    private(set) var settled: [Bool] = []
    /// Seqs that were claimed durable.
    private(set) var durable: [UInt64] = []
    private(set) var notices: [String] = []
    private(set) var fatal: FileError?
    private var lines = 0

    init(seed: UInt64 = 1) {
        disk = SimulatedDisk(seed: seed, clock: clock)
        limits.ballastBytes = 0
        limits.lowWaterBytes = 0
        limits.roomRetryNanoseconds = 0
    }

    func open() throws -> Journal {
        let journal = try Journal.open(
            directory: Self.directory, fileSystem: disk, clock: clock, limits: limits,
            notice: { self.notices.append("\($0)") },
            makeIdentity: {
                NodeIdentity(node: 7, epoch: 0, salt: [UInt8](repeating: 1, count: 32))
            })
        return journal
    }

    func start() throws {
        let journal = try open()
        self.journal = journal
        fatal = nil
        settled = []
        try journal.start(
            onOwnThread: false,
            onDurable: { self.durable += $0.firstSeq...$0.lastSeq }, onRelief: {},
            onFatal: { self.fatal = $0 })
    }

    /// Hands in one batch and lets the journal take its turn.
    func write(lines count: Int = 2) {
        submit(lines: count)
        journal?.turn()
    }

    func submit(lines count: Int = 2) {
        var objects: [String] = []
        for _ in 0..<count {
            lines += 1
            objects.append(
                #"{"type":"page_view","id":"e\#(lines)","site":"shop","customer":"c1"}"#)
        }
        let batch = batch(objects)
        batch.settled = { _, isDurable in self.settled.append(isDurable) }
        journal?.submit(batch)
    }

    func stop() {
        journal?.stop()
        journal = nil
    }

    /// The process is gone, and with a cut the machine was, too.
    func fall(_ cut: PowerCut?) {
        disk.stopAt = 0
        _ = try? disk.list("/")
        journal?.stop()
        journal = nil
        disk.restart(after: cut)
    }

    /// The next start: what it recovers must hold all that was claimed.
    func recover() throws -> (report: RecoveryReport, segments: JournalReport, seqs: [UInt64]) {
        let journal = try open()
        var seqs: [UInt64] = []
        try journal.reader().read(from: 1, through: .max) { seqs += $0.firstSeq...$0.lastSeq }
        let report = try verifyJournal(directory: Self.directory, fileSystem: disk)
        journal.stop()
        return (journal.recovery, report, seqs)
    }

    /// Files below `segments/` and `quarantine/` with their bytes.
    var files: [String: [UInt8]] {
        disk.files(below: Self.directory + "/segments").merging(
            disk.files(below: Self.directory + "/quarantine")
        ) { a, _ in a }
    }
}
