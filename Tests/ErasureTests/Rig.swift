import Engagement
import Erasure
import Journal
import TestSupport
import Testing

/// A log of sealed segments on a simulated disk.
final class Rig {
    static let window: UInt64 = 20_000_000
    let disk: SimulatedDisk
    let clock = SimulatedClock(wallMilliseconds: 1_795_305_600_000)
    let directory = DataDirectory("/data")
    var limits = JournalLimits()

    init(seed: UInt64 = 1) {
        disk = SimulatedDisk(seed: seed, clock: clock)
        limits.ballastBytes = 0
        limits.lowWaterBytes = 0
    }

    /// One life of a journal: each group becomes a segment, each of its lists a member.
    func write(_ groups: [[[String]]]) throws {
        let journal = try open()
        try journal.start(
            onOwnThread: false, onDurable: { _ in }, onRelief: {}, onFatal: { _ in })
        for group in groups {
            for objects in group {
                journal.submit(batch(objects))
                journal.turn()
            }
            journal.rollOver()
            journal.turn()
        }
        journal.stop()
        #expect(journal.watermark.seq == journal.statistics().closedSeq)
    }

    func open() throws -> Journal {
        try Journal.open(
            directory: directory.root, fileSystem: disk, clock: clock, limits: limits,
            makeIdentity: {
                NodeIdentity(node: 7, epoch: 0, salt: [UInt8](repeating: 1, count: 32))
            })
    }

    /// All stored lines in order.
    var lines: [String] {
        get throws {
            let reader = DurableReader(segments: directory.segments, fileSystem: disk)
            var lines: [String] = []
            for seq in try 1...max(1, reader.lastSeq()) {
                let line = try #require(try reader.line(seq: seq), "seq \(seq)")
                lines.append(String(decoding: line, as: UTF8.self))
            }
            return lines
        }
    }

    var segments: [String: [UInt8]] { disk.files(below: directory.segments) }

    func generations() throws -> [UInt32] {
        let report = try verifyJournal(directory: directory.root, fileSystem: disk)
        #expect(report.isClean, "\(report.damages)")
        return report.segments.map(\.generation)
    }

    @discardableResult
    func erase(
        _ subjects: [ErasedSubject], shouldStop: @escaping () -> Bool = { false }
    ) throws(FileError) -> SegmentErasure.Report {
        let rewriter = SegmentRewriter(directory: directory, fileSystem: disk)
        return try SegmentErasure(rewriter, window: Self.window, shouldStop: shouldStop)
            .run(ErasedSubjects(subjects))
    }

    /// The log after an erasure, in which every file stays sound and a second run changes nothing.
    func erased(_ subjects: [ErasedSubject]) throws -> [String] {
        let report = try erase(subjects)
        #expect(report.isComplete)
        _ = try generations()
        let after = segments
        #expect(try erase(subjects).segmentsRewritten == 0)
        #expect(segments == after)
        return try lines
    }
}
