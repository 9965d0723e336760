import Engagement
import Journal
import TestSupport
import Testing

/// In which order the disk is asked: kill -9 and even most crashes forgive a missing sync, so it is
/// written down here call by call.
@Suite struct WriteOrderTests {
    private static let first = "segments/" + SegmentFormat.fileName(firstSeq: 1)
    private static let second = "segments/" + SegmentFormat.fileName(firstSeq: 2)

    /// Writes events one after the other, a batch each; what the disk was asked, and when each was
    /// acknowledged and handed on to the roll-up.
    private func write(
        _ bench: Bench, events: Int, segmentBytes: Int = 64 << 20,
        faults: [FaultyFileSystem.Fault] = []
    ) throws -> [String] {
        let disk = FaultyFileSystem(faults, only: "segments/seg-")
        let keeper = Keeper()
        var limits = Bench.limits
        limits.segmentBytes = segmentBytes
        let journal = try keeper.open(bench, disk, limits: limits)
        let before = disk.history.count
        try journal.start(
            onDurable: { batch in disk.remember("hand on \(batch.firstSeq)") }, onRelief: {},
            onFatal: { _ in })
        for i in 1...events {
            let batch = batch([event("\(i)")])
            batch.settled = { _, isDurable in
                disk.remember(isDurable ? "acknowledge \(i)" : "give up \(i)")
            }
            journal.submit(batch)
            keeper.waitUntilQuiet(journal)
        }
        journal.stop()
        return disk.history.dropFirst(before).map {
            $0.replacing(bench.root + "/", with: "")
        }
    }

    private func making(_ path: String) -> [String] {
        [
            "create \(path).tmp", "write \(path).tmp", "fsync \(path).tmp", "rename \(path).tmp",
            "fsync segments",
        ]
    }

    @Test
    func `a file is made whole before it has its name, and each batch durable before its ack`()
        throws
    {
        let path = Self.first
        #expect(
            try write(Bench(), events: 2)
                == making(path) + [
                    "write \(path)", "fdatasync \(path)", "acknowledge 1", "hand on 1",
                    "write \(path)", "fdatasync \(path)", "acknowledge 2", "hand on 2",
                    // Its SEAL.
                    "write \(path)", "fdatasync \(path)",
                ])
    }

    @Test
    func `the batch that fills a file is durable by itself, and the SEAL before the next file`()
        throws
    {
        let (old, new) = (Self.first, Self.second)
        let history = try write(Bench(), events: 2, segmentBytes: 1)
        var expected =
            making(old) + ["write \(old)", "fdatasync \(old)", "acknowledge 1", "hand on 1"]
        expected += ["create \(new).tmp", "write \(old)", "fdatasync \(old)"]
        expected +=
            making(new).dropFirst() + [
                "write \(new)", "fdatasync \(new)", "acknowledge 2", "hand on 2",
            ]
        expected += ["write \(new)", "fdatasync \(new)"]
        #expect(history == expected)
    }

    @Test func `a file whose sync failed is left alone from then on`() throws {
        let (old, new) = (Self.first, Self.second)
        let history = try write(
            Bench(), events: 2, faults: [.init("fdatasync", number: 2)])
        #expect(
            history
                == making(old) + [
                    "write \(old)", "fdatasync \(old)", "acknowledge 1", "hand on 1",
                    "write \(old)", "fdatasync \(old)",
                ] + making(new) + [
                    "write \(new)", "fdatasync \(new)", "acknowledge 2", "hand on 2",
                    "write \(new)", "fdatasync \(new)",
                ])
    }
}
