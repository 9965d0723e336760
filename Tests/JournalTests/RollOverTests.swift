import Engagement
import Glibc
import Journal
import Synchronization
import TestSupport
import Testing

/// Sealing on request, so that what was just written can be rewritten.
@Suite struct RollOverTests {
    private func waitUntilClosed(_ journal: Journal, _ seq: UInt64) {
        while journal.statistics().closedSeq < seq { usleep(200) }
    }

    @Test func `a request seals the segment also when nothing more comes`() throws {
        let bench = Bench()
        let keeper = Keeper()
        let journal = try keeper.open(bench)
        try keeper.start(journal)
        #expect(journal.statistics().closedSeq == 0)
        keeper.submit(journal, batch([event("a"), event("b")]))
        keeper.waitUntilQuiet(journal)
        #expect(journal.statistics().closedSeq == 0)
        journal.rollOver()
        waitUntilClosed(journal, 2)
        // A reader beside it finds a sealed file.
        #expect(try verifyJournal(directory: bench.root).segments.map(\.state) == [.sealed])
        keeper.submit(journal, batch([event("c")]))
        keeper.waitUntilQuiet(journal)
        journal.stop()
        #expect(bench.segmentNames.compactMap(SegmentFormat.firstSeq) == [1, 3])
        try bench.expectSound()
        // The next life knows from the start.
        let later = try Keeper().open(bench)
        #expect(later.statistics().closedSeq == 3)
        later.stop()
    }

    @Test func `without lines there is nothing to seal, however often it is asked`() throws {
        let bench = Bench()
        let keeper = Keeper()
        let journal = try keeper.open(bench)
        journal.rollOver()
        try keeper.start(journal)
        for _ in 0..<5 { journal.rollOver() }
        keeper.submit(journal, batch([event("a")]))
        keeper.waitUntilQuiet(journal)
        for _ in 0..<5 {
            journal.rollOver()
            waitUntilClosed(journal, 1)
        }
        journal.stop()
        #expect(bench.segmentNames.count == 1)
        try bench.expectSound()
    }

    @Test func `batches that come meanwhile are acknowledged as ever`() throws {
        let bench = Bench()
        let keeper = Keeper()
        let journal = try keeper.open(bench)
        try keeper.start(journal)
        for i in 0..<100 {
            keeper.submit(journal, batch([event("\(i)")]))
            if i % 5 == 0 { journal.rollOver() }
            if i % 7 == 0 { keeper.waitUntilQuiet(journal) }
        }
        keeper.waitUntilQuiet(journal)
        journal.stop()
        let settled = keeper.record.withLock { $0.settled }
        #expect(settled.map(\.firstSeq) == Array(1...100))
        #expect(settled.filter(\.isDurable).count == 100)
        #expect(bench.segmentNames.count > 1)
        try bench.expectSound()
    }

    @Test func `a seal that fails is handled like any other failed sync`() throws {
        let bench = Bench()
        let disk = FaultyFileSystem(only: "segments/seg-")
        let keeper = Keeper()
        let journal = try keeper.open(bench, disk)
        try keeper.start(journal)
        keeper.submit(journal, batch([event("a")]))
        keeper.waitUntilQuiet(journal)
        disk.add(.init("fdatasync", number: 1))
        journal.rollOver()
        waitUntilClosed(journal, 1)
        keeper.submit(journal, batch([event("b")]))
        keeper.waitUntilQuiet(journal)
        #expect(keeper.record.withLock { $0.settled.map(\.isDurable) } == [true, true])
        #expect(keeper.record.withLock { $0.fatal.isEmpty })
        journal.stop()
        try Keeper().open(bench).stop()
        try bench.expectSound()
    }

    @Test func `erase and erase_done say who by a salted hash alone`() throws {
        let bench = Bench()
        let salt = (0..<16).map { UInt8($0 * 16) }
        let hash = (0..<32).map { UInt8(255 - $0) }
        _ = try Keeper.write(
            bench,
            [
                ControlLine.erase(salt: salt, subjectHash: hash, through: 41),
                ControlLine.eraseDone(salt: salt, subjectHash: hash, through: 41),
            ], clock: FakeClock())
        let fields =
            #""salt":"00102030405060708090a0b0c0d0e0f0","subject":"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0"#
            + #"efeeedecebeae9e8e7e6e5e4e3e2e1e0","through":41}"#
        let front = #","received":"2026-01-01T00:00:00.000Z","via":"control","control":"#
        #expect(
            try bench.lines() == [
                "{\"seq\":1\(front)\"erase\",\(fields)",
                "{\"seq\":2\(front)\"erase_done\",\(fields)",
            ])
        try bench.expectSound()
    }
}
