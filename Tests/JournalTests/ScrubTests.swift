import Journal
import Synchronization
import TestSupport
import Testing

/// Damage that comes to sealed segments later is found by reading them again.
@Suite struct ScrubTests {
    private func log(_ bench: Bench) throws {
        for i in 0..<3 {
            _ = try Keeper.write(
                bench, [batch([event("\(i)-a"), event("\(i)-b")]), batch([event("\(i)-c")])])
        }
    }

    private func scrub(_ journal: Journal) throws {
        let scrub = Scrub(journal)
        for name in try scrub.segments() { _ = try scrub.check(name) { _ in } }
    }

    @Test func `sound segments are found sound`() throws {
        let bench = Bench()
        try log(bench)
        let before = bench.files("segments")
        let journal = try Keeper().open(bench)
        try scrub(journal)
        #expect(!journal.isDegraded)
        journal.stop()
        #expect(bench.files("segments") == before)
        #expect(bench.files("quarantine").isEmpty)
    }

    @Test func `a flipped bit is kept, told once, and the file stays`() throws {
        let bench = Bench()
        try log(bench)
        let name = SegmentFormat.fileName(firstSeq: 4)
        var bytes = try #require(bench.files("segments")[name])
        bytes[98 + 100] ^= 0x10
        bench.write(bytes, "segments/" + name)

        let keeper = Keeper()
        let journal = try keeper.open(bench)
        // The ends hold, so a start doesn't see it.
        #expect(!journal.isDegraded)
        try keeper.start(journal)
        try scrub(journal)
        try scrub(journal)
        #expect(journal.isDegraded)
        #expect(journal.damages.map(\.code) == [.dataCRC])
        #expect(journal.damages.first?.lostFirstSeq == 4)
        #expect(journal.damages.first?.lostCount == 2)
        keeper.waitUntilQuiet(journal)
        journal.stop()
        #expect(keeper.record.withLock { $0.durable.count } == 1)
        #expect(bench.files("segments")[name] == bytes)
        #expect(bench.quarantined.count == 1)

        // Another life finds it again, but the log has been told.
        let later = Keeper()
        let again = try later.open(bench)
        try later.start(again)
        try scrub(again)
        #expect(again.isDegraded)
        later.waitUntilQuiet(again)
        again.stop()
        #expect(later.record.withLock { $0.durable.isEmpty })
        #expect(bench.quarantined.count == 1)
    }
}
