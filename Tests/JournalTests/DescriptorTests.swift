import Engagement
import Glibc
import Journal
import Synchronization
import TestSupport
import Testing

/// Out of descriptors the journal lives on what it has open.
@Suite struct DescriptorTests {
    /// A segment for each member, or after two seconds.
    private static var limits: JournalLimits {
        var limits = Bench.limits
        limits.segmentBytes = 1
        limits.segmentAgeNanoseconds = 2_000_000_000
        limits.housekeepingNanoseconds = 1_000_000
        return limits
    }

    @Test func `segments roll over when strangers have every other descriptor`() throws {
        let bench = Bench()
        let disk = FaultyFileSystem()
        let clock = FakeClock()
        let keeper = Keeper()
        let journal = try keeper.open(bench, disk, clock: clock, limits: Self.limits)
        try keeper.start(journal)
        disk.takeAllDescriptors()
        for name in ["a", "b", "c"] {
            keeper.submit(journal, batch([event(name)]))
            keeper.waitUntilQuiet(journal)
        }
        // The last one grows old, and is sealed without another.
        for _ in 0..<10_000 where journal.statistics().closedSeq < 3 {
            clock.pass(milliseconds: 3_000)
            usleep(1_000)
        }
        keeper.submit(journal, batch([event("d")]))
        keeper.waitUntilQuiet(journal)
        journal.stop()
        #expect(keeper.record.withLock { $0.settled.map(\.isDurable) } == [true, true, true, true])
        #expect(keeper.record.withLock { $0.notices } == ["made the node file"])
        let report = try verifyJournal(directory: bench.root)
        #expect(report.isClean)
        #expect(report.segments.map(\.lineCount) == [1, 1, 1, 1])
    }

    @Test func `an old segment isn't sealed while no new one can be opened`() throws {
        let bench = Bench()
        let disk = FaultyFileSystem()
        let clock = FakeClock()
        let keeper = Keeper()
        func hasWaited() -> Bool {
            keeper.record.withLock { $0.notices.contains { $0.hasSuffix("trying again") } }
        }
        let journal = try keeper.open(bench, disk, clock: clock, limits: Self.limits)
        try keeper.start(journal)
        keeper.submit(journal, batch([event("a")]))
        keeper.waitUntilQuiet(journal)
        disk.add(.init("create", number: 1, code: EMFILE, times: 1_000))
        keeper.submit(journal, batch([event("b")]))
        keeper.waitUntilQuiet(journal)

        // It grows old, and the journal looks after it.
        disk.pretendFree(1 << 40)
        clock.pass(milliseconds: 3_000)
        while journal.statistics().freeBytes != 1 << 40 { usleep(200) }
        keeper.submit(journal, batch([event("c")]))
        while journal.statistics().queuedBatches > 0, !hasWaited() { usleep(200) }
        #expect(!hasWaited())

        // Descriptors again: the next line goes to a new file.
        disk.clearFaults()
        keeper.submit(journal, batch([event("d")]))
        keeper.waitUntilQuiet(journal)
        journal.stop()
        #expect(keeper.record.withLock { $0.settled.map(\.isDurable) } == [true, true, true, true])
        let report = try verifyJournal(directory: bench.root)
        #expect(report.isClean)
        #expect(report.segments.map(\.lineCount) == [3, 1])
    }
}
