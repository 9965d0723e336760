import Engagement
import Foundation
import Journal
import TestSupport
import Testing

@Suite struct RecoveryTests {
    /// Recovers, and then again: the second time must change no byte.
    private func recover(_ bench: Bench) throws -> RecoveryReport {
        let journal = try Keeper().open(bench)
        let report = journal.recovery
        journal.stop()
        let segments = bench.files("segments")
        let quarantine = bench.files("quarantine")
        try Keeper().open(bench).stop()
        #expect(bench.files("segments") == segments)
        #expect(bench.files("quarantine") == quarantine)
        return report
    }

    private func continueWith(_ bench: Bench, events: Int = 1) throws {
        _ = try Keeper.write(bench, [batch((0..<events).map { event("new-\($0)") })])
    }

    @Test(arguments: ["torn-zeros", "torn-first-sector"])
    func `a torn tail is set aside, cut off, and the file sealed`(_ fixture: String) throws {
        let bench = Bench()
        try bench.take(Fixtures.segments + "/" + fixture)
        let name = SegmentFormat.fileName(firstSeq: 1)
        let before = try #require(bench.files("segments")[name])
        let report = try recover(bench)
        #expect(report.nextSeq == 5)
        #expect(report.damages.isEmpty)
        #expect(report.torn == [name])
        #expect(bench.files("quarantine")["\(name).at599"] == Array(before[599...]))
        try continueWith(bench)
        let after = try verifyJournal(directory: bench.root)
        #expect(after.isClean)
        #expect(after.events == 5)
        #expect(after.segments.map(\.epoch) == [1, 4], "two recoveries made no segment")
        if let (code, text) = try independentVerdict(bench.root) { #expect(code == 0, "\(text)") }
    }

    @Test func `a file cut at any byte recovers what is whole`() throws {
        let whole = Bench()
        try whole.take(Fixtures.segments + "/open")
        let name = SegmentFormat.fileName(firstSeq: 1)
        let bytes = try #require(whole.files("segments")[name])
        for cut in 0..<bytes.count {
            let bench = Bench()
            bench.write(Array(bytes[..<cut]), "segments/" + name)
            let expected = try verifyJournal(directory: bench.root)
            let journal = try Keeper().open(bench)
            #expect(journal.recovery.nextSeq == UInt64(expected.events) + 1, "cut at \(cut)")
            #expect(journal.recovery.damages.isEmpty, "cut at \(cut)")
            journal.stop()
            let report = try verifyJournal(directory: bench.root)
            #expect(report.isClean && report.events == expected.events, "cut at \(cut)")
            let kept = bench.quarantined.values.map(\.count).reduce(0, +)
            let stored = bench.files("segments")[name].map { $0.count - 98 } ?? 0
            let headOnly = stored == 0 && kept + 98 == cut
            #expect(kept + stored == cut || headOnly, "cut at \(cut)")
        }
    }

    /// The fixture as if its daemon had died before the SEAL: sealed files are only looked at from
    /// both ends.
    private func takeUnsealed(_ fixture: String, _ bench: Bench) throws {
        try bench.take(Fixtures.segments + "/" + fixture)
        let name = SegmentFormat.fileName(firstSeq: 1)
        bench.write(
            Array(try #require(bench.files("segments")[name]).dropLast(98)), "segments/" + name)
    }

    @Test(arguments: [("flip-data-middle", UInt64(8)), ("flip-head", 8), ("torn-not-last", 7)])
    func `damage stays as it is, is copied, told of once, and what holds is used`(
        _ fixture: String, _ nextSeq: UInt64
    ) throws {
        let bench = Bench()
        if fixture == "torn-not-last" {
            try bench.take(Fixtures.segments + "/" + fixture)
        } else {
            try takeUnsealed(fixture, bench)
        }
        let first = SegmentFormat.fileName(firstSeq: 1)
        let before = bench.files("segments")[first]
        let report = try recover(bench)
        #expect(!report.damages.isEmpty)
        #expect(report.nextSeq == nextSeq)
        #expect(bench.quarantined.count == 1)
        #expect(bench.files("segments")[first] == before)
        try continueWith(bench)
        try continueWith(bench)
        var controls: [String] = []
        let reader = DurableReader(segments: bench.segments)
        try reader.read(from: 1, through: .max) { batch in
            for i in 0..<batch.lineCount where batch.lines[i].traits.contains(.control) {
                controls.append(
                    String(
                        decoding: try #require(try reader.line(seq: batch.firstSeq + UInt64(i))),
                        as: UTF8.self))
            }
        }
        #expect(controls.count == report.damages.count, "told of once, not at each start")
        #expect(controls.allSatisfy { $0.contains("\"control\":\"quarantine\",\"file\":\"seg-") })
    }

    @Test func `lost seqs are named`() throws {
        let bench = Bench()
        try takeUnsealed("flip-data-middle", bench)
        let damage = try #require(try recover(bench).damages.first)
        #expect(damage.lostFirstSeq == 3)
        #expect(damage.lostCount == 2)
        #expect(damage.offset == 348)
    }

    @Test(arguments: ["retry", "retry-torn"])
    func `the void copy of a retried batch is set aside`(_ fixture: String) throws {
        let bench = Bench()
        try bench.take(Fixtures.segments + "/" + fixture)
        let report = try recover(bench)
        #expect(report.nextSeq == 6)
        #expect(report.damages.isEmpty)
        #expect(bench.quarantined.count == 1)
        try continueWith(bench)
        let after = try verifyJournal(directory: bench.root)
        #expect(after.isClean)
        #expect(after.events == 6)
        #expect(after.void.isEmpty)
        if let (code, text) = try independentVerdict(bench.root) { #expect(code == 0, "\(text)") }
    }

    @Test func `half-made files and a lone HEAD go`() throws {
        let bench = Bench()
        try bench.take(Fixtures.segments + "/two-events")
        let name = SegmentFormat.fileName(firstSeq: 3)
        bench.write([1, 2, 3], "segments/" + name + ".tmp")
        var head = MemberHeader(
            kind: .head, node: 0x0123_4567_89ab_cdef, firstSeq: 3, epoch: 2,
            timeFirst: 1, timeLast: 1, offset: 0, chain: 0x2386_1f7b)
        head.memberBytes = 98
        head.dataCRC = SegmentFormat.emptyData.withUnsafeBytes { crc32($0) }
        var bytes = [UInt8](repeating: 0, count: 98)
        bytes.withUnsafeMutableBytes { head.encode(into: $0.baseAddress!) }
        bytes.replaceSubrange(88..<90, with: SegmentFormat.emptyData)
        bench.write(bytes, "segments/" + name)
        let report = try recover(bench)
        #expect(report.removed == [name])
        #expect(report.nextSeq == 3)
        #expect(report.lastEpoch == 1)
        #expect(bench.files("segments").count == 1)
        try continueWith(bench)
        #expect(try verifyJournal(directory: bench.root).isClean)
    }

    @Test func `recovery cut at any call is finished by the next`() throws {
        for fixture in ["torn-zeros", "retry", "flip-data-middle", "torn-not-last", "restarts"] {
            let model = Bench()
            try model.take(Fixtures.segments + "/" + fixture)
            _ = try Keeper.write(model, [batch([event("z")])], clock: FakeClock())
            let expected = model.files("segments").mapValues(\.count)
            var number = 1
            while true {
                let bench = Bench()
                try bench.take(Fixtures.segments + "/" + fixture)
                let disk = FaultyFileSystem()
                disk.crash(atChange: number)
                let first = try? Keeper().open(bench, disk)
                first?.stop()
                _ = try Keeper.write(bench, [batch([event("z")])], clock: FakeClock())
                let found = bench.files("segments").mapValues(\.count)
                #expect(found == expected, "\(fixture), crash at change \(number)")
                if first != nil { break }
                number += 1
            }
            #expect(number > 3)
        }
    }

    @Test func `the node file is kept, and made from the segments where it is lost`() throws {
        let bench = Bench()
        try bench.take(Fixtures.segments + "/restarts")
        let first = try Journal.open(directory: bench.root, limits: Bench.limits)
        #expect(first.identity.node == 0x0123_4567_89ab_cdef)
        #expect(first.epoch == 4)
        first.stop()
        let second = try Journal.open(directory: bench.root, limits: Bench.limits)
        #expect(second.identity.salt == first.identity.salt)
        #expect(second.epoch == 5)
        second.stop()
        bench.write(Array("{\"engaged\":1}".utf8), "node")
        #expect(throws: JournalError.self) {
            try Journal.open(directory: bench.root, limits: Bench.limits)
        }
    }

    @Test func `segments of another node are refused`() throws {
        let bench = Bench()
        try Journal.open(directory: bench.root, limits: Bench.limits).stop()
        try bench.take(Fixtures.segments + "/two-events")
        #expect(throws: JournalError.self) {
            try Journal.open(directory: bench.root, limits: Bench.limits)
        }
    }

    @Test(arguments: 1...6) func `a disk that won't read is no reason to cut`(
        _ number: Int
    ) throws {
        let bench = Bench()
        try bench.take(Fixtures.segments + "/torn-zeros")
        let before = bench.files("segments")
        let disk = FaultyFileSystem(
            [.init("read", number: number, times: 1_000)], only: "/segments")
        let journal = try? Keeper().open(bench, disk)
        journal?.stop()
        if disk.count("read") >= number {
            #expect(journal == nil)
            #expect(bench.files("segments") == before)
        }
    }

    @Test func `what is set aside has a note that says what it is`() throws {
        let bench = Bench()
        _ = try Keeper.write(bench, [batch([event("a")])])
        let name = SegmentFormat.fileName(firstSeq: 1)
        let whole = try #require(bench.files("segments")[name])
        bench.write(Array(whole[..<150]), "segments/" + name)
        _ = try recover(bench)
        let note = try #require(bench.files("quarantine")["\(name).at98.note"])
        #expect(
            String(decoding: note, as: UTF8.self)
                == "{\"file\":\"\(name)\",\"offset\":98,\"bytes\":52,\"code\":\"short_header\"}\n")
    }

    @Test func `the quarantine keeps the newest within its bound`() throws {
        let bench = Bench()
        var limits = Bench.limits
        limits.quarantineBytes = 400
        for i in 0..<6 {
            let keeper = Keeper()
            let journal = try keeper.open(bench, limits: limits)
            try keeper.start(journal)
            keeper.submit(journal, batch([event("\(i)-a")]))
            keeper.waitUntilQuiet(journal)
            keeper.submit(journal, batch([event("\(i)-b")]))
            keeper.waitUntilQuiet(journal)
            journal.stop()
            // As a crash leaves it: without SEAL, the second member torn.
            let (name, bytes) = try #require(bench.files("segments").max { $0.key < $1.key })
            bench.write(Array(bytes.dropLast(98 + 100)), "segments/" + name)
        }
        try Keeper().open(bench, limits: limits).stop()
        let kept = bench.files("quarantine")
        #expect(kept.values.map(\.count).reduce(0, +) <= 400)
        let newest = try #require(bench.files("segments").keys.max())
        #expect(kept.keys.contains { $0.hasPrefix(newest) })
    }
}
