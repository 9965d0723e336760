import Glibc
import Journal
import Synchronization
import TestSupport
import Testing

/// A seq is given to one line only, whatever happened to the disk.
@Suite struct SeqTests {
    @Test func `a batch that found no room at first has its seqs for itself`() throws {
        let bench = Bench()
        let disk = FaultyFileSystem(only: "/segments")
        let keeper = Keeper()
        var limits = Bench.limits
        limits.roomRetryNanoseconds = 1_000_000
        let journal = try keeper.open(bench, disk, limits: limits)
        try keeper.start(journal)
        disk.add(.init("write", number: 2, code: ENOSPC, times: 3))
        for i in 1...3 {
            keeper.submit(journal, batch([event("\(i)")]))
            keeper.waitUntilQuiet(journal)
        }
        journal.stop()
        #expect(keeper.record.withLock { $0.durable.map(\.firstSeq) } == [1, 2, 3])
        let report = try verifyJournal(directory: bench.root)
        #expect(report.isClean)
        #expect(report.events == 3)
    }

    @Test func `the watermark stays behind a batch that didn't become durable`() throws {
        let bench = Bench()
        let disk = FaultyFileSystem(only: "/segments")
        let keeper = Keeper()
        let journal = try keeper.open(bench, disk)
        try keeper.start(journal)
        keeper.submit(journal, batch([event("durable")]))
        keeper.waitUntilQuiet(journal)
        disk.add(.init("fdatasync", number: 1, times: 1_000))
        keeper.submit(journal, batch([event("lost")]))
        keeper.waitUntilQuiet(journal)
        journal.stop()
        #expect(keeper.record.withLock { $0.settled.map(\.isDurable) } == [true, false])
        #expect(journal.watermark.seq == 1)
    }

    /// A file that is damaged in the middle isn't cut, so what its torn end claims stays, too.
    @Test func `seqs that a torn member of a damaged file claims are not given out again`() throws {
        let bench = Bench()
        _ = try Keeper.write(
            bench, (1...3).map { batch([event("\($0)-a"), event("\($0)-b")]) })
        let name = SegmentFormat.fileName(firstSeq: 1)
        var bytes = try #require(bench.files("segments")[name])
        bytes.removeLast(SegmentFormat.emptyMemberBytes)
        // HEAD and three batches; a bit of the second's data and of the third's.
        var offsets = [0]
        for _ in 0..<3 {
            let header = try bytes.withUnsafeBytes {
                try MemberHeader(
                    UnsafeRawBufferPointer(rebasing: $0[offsets.last!...]), at: offsets.last!)
            }
            offsets.append(header.endOffset)
        }
        for at in offsets[2...] { bytes[at + SegmentFormat.headerBytes + 5] ^= 1 }
        bench.write(bytes, "segments/" + name)

        let journal = try Keeper().open(bench)
        #expect(!journal.recovery.damages.isEmpty)
        #expect(journal.recovery.nextSeq == 7)
        journal.stop()
        #expect(bench.files("segments")[name] == bytes)
    }
}
