import Engagement
import Foundation
import Journal
import Synchronization
import TestSupport
import Testing

@Suite struct JournalTests {
    @Test func `what was submitted is numbered, stored, settled and handed on`() throws {
        let bench = Bench()
        let clock = FakeClock()
        let keeper = try Keeper.write(
            bench,
            [
                batch([event("a"), event("b")]),
                batch(
                    ["{\"type\":\"click\",\"target\":\"x\"}"], via: .http,
                    prefix: "\"site\":\"blog\","),
            ], clock: clock)
        let record = keeper.record.withLock { $0 }
        #expect(record.durable.map(\.firstSeq) == [1, 3])
        #expect(record.settled.map(\.isDurable) == [true, true])
        let reader = DurableReader(segments: bench.segments)
        #expect(
            String(decoding: try #require(try reader.line(seq: 2)), as: UTF8.self)
                == #"{"seq":2,"received":"2026-01-01T00:00:00.000Z","via":"tcp","type":"page_view","#
                + #""id":"b","site":"shop","customer":"c-ann"}"#)
        #expect(
            String(decoding: try #require(try reader.line(seq: 3)), as: UTF8.self)
                == #"{"seq":3,"received":"2026-01-01T00:00:00.000Z","via":"http","site":"blog","#
                + #""id":"s-3","type":"click","target":"x"}"#)
        #expect(try reader.line(seq: 4) == nil)
        #expect(try reader.lastSeq() == 3)
        #expect(try verifyJournal(directory: bench.root).isClean)
        if let (code, text) = try independentVerdict(bench.root) { #expect(code == 0, "\(text)") }
    }

    @Test func `many submitters under load lose nothing and share members`() throws {
        let bench = Bench()
        let keeper = Keeper()
        var limits = Bench.limits
        limits.segmentBytes = 64 << 10
        limits.queueBytes = 64 << 10
        let journal = try keeper.open(bench, limits: limits)
        try keeper.start(journal)
        let threads = (0..<4).map { lane in
            Thread {
                for i in 0..<200 {
                    while journal.isCongested { usleep(100) }
                    keeper.submit(
                        journal, batch((0..<20).map { event("\(lane)-\(i)-\($0)") }))
                }
            }
        }
        for thread in threads { thread.start() }
        while threads.contains(where: { !$0.isFinished }) { usleep(500) }
        journal.stop()
        journal.stop()
        let record = keeper.record.withLock { $0 }
        #expect(record.durable.reduce(0) { $0 + $1.lines } == 16_000)
        #expect(record.durable.map(\.firstSeq) == record.durable.map(\.firstSeq).sorted())
        #expect(journal.watermark == Watermark(epoch: 1, seq: 16_000))
        let report = try verifyJournal(directory: bench.root)
        #expect(report.isClean)
        #expect(report.events == 16_000)
        let statistics = journal.statistics()
        #expect(statistics.members < 800, "batches were merged")
        #expect(statistics.queuedBytes == 0)
        #expect(statistics.segments > 1)
        if let (code, text) = try independentVerdict(bench.root) { #expect(code == 0, "\(text)") }
    }

    @Test func `congestion begins above the bound and is relieved once`() throws {
        let bench = Bench()
        let keeper = Keeper()
        var limits = Bench.limits
        limits.queueBytes = 9_000
        let journal = try keeper.open(bench, limits: limits)
        for i in 0..<3 {
            #expect(journal.isCongested == false)
            keeper.submit(journal, batch((0..<20).map { event("\(i)-\($0)") }))
        }
        #expect(journal.isCongested)
        try keeper.start(journal)
        journal.stop()
        #expect(!journal.isCongested)
        #expect(keeper.record.withLock { $0.reliefs } == 1)
    }

    @Test func `a second process finds the directory locked`() throws {
        let bench = Bench()
        let journal = try Keeper().open(bench)
        #expect(throws: JournalError.self) { try Keeper().open(bench) }
        journal.stop()
        try Keeper().open(bench).stop()
    }

    @Test func `after the end nothing is taken`() throws {
        let bench = Bench()
        let keeper = Keeper()
        let journal = try keeper.open(bench)
        try keeper.start(journal)
        journal.stop()
        keeper.submit(journal, batch([event("late")]))
        #expect(keeper.record.withLock { $0.settled.map(\.isDurable) } == [false])
        #expect(bench.files("segments").isEmpty)
    }

    @Test func `a long batch is merged with none and a member never passes 1 MiB`() throws {
        let bench = Bench()
        let pad = String(repeating: "x", count: 60_000)
        let long = (0..<8).map { event("l\($0)", extra: ",\"title\":\"\(pad)\"") }
        let keeper = try Keeper.write(bench, [batch(long), batch(long)])
        #expect(keeper.record.withLock { $0.durable.map(\.firstSeq) } == [1, 9])
        #expect(try verifyJournal(directory: bench.root).isClean)
    }

    @Test func `a segment is sealed when it is large and when it is old`() throws {
        let bench = Bench()
        let clock = FakeClock()
        let keeper = Keeper()
        var limits = Bench.limits
        limits.housekeepingNanoseconds = 5_000_000
        let journal = try keeper.open(bench, clock: clock, limits: limits)
        try keeper.start(journal)
        keeper.submit(journal, batch([event("a")]))
        keeper.waitUntilQuiet(journal)
        clock.pass(milliseconds: 3_600_000)
        keeper.submit(journal, batch([event("b")]))
        keeper.waitUntilQuiet(journal)
        // The wall clock has no say.
        clock.step(milliseconds: 365 * 86_400_000)
        keeper.submit(journal, batch([event("c")]))
        keeper.waitUntilQuiet(journal)
        journal.stop()
        let report = try verifyJournal(directory: bench.root)
        #expect(report.isClean)
        #expect(report.segments.map(\.lineCount) == [1, 2])
    }

    @Test func `a clock that steps back is waited for or, by more than a minute, followed`() throws
    {
        let bench = Bench()
        let clock = FakeClock()
        let keeper = Keeper()
        let journal = try keeper.open(bench, clock: clock)
        try keeper.start(journal)
        for step in [0, -30_000, -86_400_000] as [Int64] {
            clock.step(milliseconds: step)
            keeper.submit(journal, batch([event("e\(step)")]))
            keeper.waitUntilQuiet(journal)
        }
        journal.stop()
        var seen: [(Int64, Bool)] = []
        try DurableReader(segments: bench.segments).read(from: 1, through: .max) { batch in
            for line in UnsafeBufferPointer(start: batch.lines, count: batch.lineCount) {
                seen.append((line.receivedMilliseconds, line.traits.contains(.control)))
            }
        }
        let t: Int64 = 1_767_225_600_000
        #expect(seen.map(\.0) == [t, t, t - 86_430_000, t - 86_430_000])
        #expect(seen.map(\.1) == [false, false, true, false])
        #expect(keeper.record.withLock { $0.durable.map(\.firstSeq) } == [1, 2, 3, 4])
        if let (code, text) = try independentVerdict(bench.root) { #expect(code == 0, "\(text)") }
    }

    @Test func `epochs rise and seqs go on over restarts`() throws {
        let bench = Bench()
        for epoch in 1...3 as ClosedRange<UInt64> {
            let keeper = Keeper()
            let journal = try keeper.open(bench)
            #expect(journal.epoch == epoch)
            #expect(journal.watermark.seq == (epoch - 1) * 2)
            try keeper.start(journal)
            keeper.submit(journal, batch([event("a"), event("b")]))
            journal.stop()
        }
        let report = try verifyJournal(directory: bench.root)
        #expect(report.isClean)
        #expect(report.segments.map(\.epoch) == [1, 2, 3])
        let later = try Journal.open(directory: bench.root, limits: Bench.limits, ledgerEpoch: 9)
        #expect(later.epoch == 10)
        later.stop()
    }
}
