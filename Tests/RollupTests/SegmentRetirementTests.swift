import Engagement
import Journal
import Rollup
import TestSupport
import Testing

/// Retention of a real log on a simulated disk.
@Suite struct SegmentRetirementTests {
    private let key = FolderTests.key

    private func open(_ disk: SimulatedDisk) throws -> Journal {
        var limits = JournalLimits()
        limits.ballastBytes = 0
        limits.lowWaterBytes = 0
        // A segment for each batch.
        limits.segmentBytes = 1
        return try Journal.open(
            directory: "/data", fileSystem: disk, limits: limits,
            makeIdentity: {
                NodeIdentity(node: 7, epoch: 0, salt: [UInt8](repeating: 1, count: 32))
            })
    }

    /// Batches of two lines, until the disk stops.
    private func write(_ journal: Journal, batches: Int) throws {
        try journal.start(
            onOwnThread: false, onDurable: { _ in }, onRelief: {}, onFatal: { _ in })
        for number in 0..<batches {
            journal.submit(
                batch((0..<2).map { #"{"type":"click","id":"e\#(number * 2 + $0)","site":"s"}"# }))
            journal.turn()
        }
    }

    private func log(_ disk: SimulatedDisk, through durable: UInt64) -> JournalLog {
        JournalLog(
            DurableReader(segments: "/data/segments", fileSystem: disk), durable: { durable })
    }

    /// As if retention were due for everything, and had been waiting for this moment.
    private func retire(
        _ disk: SimulatedDisk, through durable: UInt64, counted: UInt64, window: UInt64 = 1_000
    ) throws -> [UInt64] {
        let retention = Retention(
            directory: DataDirectory("/data"), fileSystem: disk, limits: .init(bytes: 1))
        var gone: [UInt64] = []
        try SegmentRetirement(
            retention,
            ids: IDIndex(directory: "/data/ids", fileSystem: disk, chunkSeqs: 4),
            log: log(disk, through: durable), idKey: key, window: window
        ).run(try retention.due(now: 0), counted: counted) { gone.append($0.lastSeq) }
        return gone
    }

    @Test(arguments: 0...9 as ClosedRange<UInt64>)
    func `what is counted goes, its ids stay, and the last line stays`(counted: UInt64) throws {
        let disk = SimulatedDisk(seed: 1)
        let journal = try open(disk)
        try write(journal, batches: 4)
        journal.stop()
        let gone = try retire(disk, through: 8, counted: counted)
        #expect(gone == [2, 4, 6].filter { $0 <= counted })
        disk.restart(after: .nothing)
        #expect(try log(disk, through: 8).first == (gone.last ?? 0) + 1)
        guard let last = gone.last else { return }
        let ids = IDIndex(directory: "/data/ids", fileSystem: disk, chunkSeqs: 4)
        #expect(try ids.examine(1...last, idKey: key) == nil)
    }

    @Test func `where no window reaches what goes, no file is made for it`() throws {
        let disk = SimulatedDisk(seed: 1)
        let journal = try open(disk)
        try write(journal, batches: 4)
        journal.stop()
        #expect(try retire(disk, through: 8, counted: 7, window: 1) == [2, 4, 6])
        #expect(disk.files(below: "/data/ids").isEmpty)
    }

    @Test(arguments: [PowerCut?.none, .nothing, .all])
    func `whenever retention comes, the log knows where to go on`(cut: PowerCut?) throws {
        for call in 1... {
            let disk = SimulatedDisk(seed: UInt64(call))
            let journal = try open(disk)
            disk.stopAt = disk.calls + call
            try write(journal, batches: 3)
            let isDone = !disk.isStopped
            let durable = journal.watermark.seq
            journal.stop()
            disk.restart(after: nil)
            _ = try retire(disk, through: durable, counted: durable)
            disk.restart(after: cut)
            let next = try open(disk)
            #expect(next.recovery.nextSeq > durable, "call \(call)")
            // Once more: what a start finds in an empty segment it removes.
            next.stop()
            #expect(try open(disk).recovery.nextSeq > durable, "call \(call)")
            if isDone { break }
        }
    }
}
