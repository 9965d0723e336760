import Engagement
import Foundation
import Journal
import Synchronization
import TestSupport
import Testing

/// A rewritten segment holds the same lines, but for those that were to change, and stands in the
/// same place of the log.
@Suite struct RewriteTests {
    /// Three sealed segments of two members with two lines each, of one epoch each.
    private func log(_ bench: Bench) throws {
        for i in 0..<3 {
            _ = try Keeper.write(
                bench,
                [0, 1].map { n in batch([event("\(i)\(n)-a"), event("\(i)\(n)-b")]) },
                clock: FakeClock(wallMilliseconds: 1_767_225_600_000 + Int64(i) * 1_000))
        }
    }

    @Test func `only the lines that were to change do`() throws {
        let bench = Bench()
        try log(bench)
        let before = try bench.lines()
        let changes = try bench.rewrite(ChosenEdit.renaming([2, 5, 8]))
        #expect(changes.map { $0?.changedLines } == [1, 2, nil])
        var expected = before
        for seq in [2, 5, 8] {
            expected[seq - 1] = before[seq - 1].replacingOccurrences(of: "c-ann", with: "nobody")
        }
        #expect(try bench.lines() == expected)
        try bench.expectSound(generations: [1, 1, 0])
    }

    @Test func `where no line changes nothing is written`() throws {
        let bench = Bench()
        try log(bench)
        let before = bench.files("segments")
        #expect(try bench.rewrite(ChosenEdit { _, _ in nil }) == [nil, nil, nil])
        #expect(try bench.rewrite(NoEdit()) == [nil, nil, nil])
        #expect(bench.files("segments") == before)
    }

    @Test func `a rewritten file keeps its place, its times and the links on both sides`() throws {
        let bench = Bench()
        try log(bench)
        let name = bench.segmentNames[1]
        let old = try bench.headers(name)
        for generation in 1...3 as ClosedRange<UInt32> {
            var edit = NoEdit()
            let change = try #require(
                try bench.rewriter.rewrite(name, &edit, evenUnchanged: true))
            #expect(change.generation == generation)
            #expect(change.bytesAfter == bench.files("segments")[name]?.count)
            let new = try bench.headers(name)
            #expect(new.map(\.kind) == [.head, .batch, .seal])
            #expect(new.allSatisfy { $0.flags == .rewritten })
            #expect(new[0].chain == old[0].chain)
            #expect(new[0].timeFirst == old[0].timeFirst)
            let (first, last) = (try #require(old.first), try #require(old.last))
            let seal = try #require(new.last)
            #expect((seal.firstSeq, seal.count) == (last.firstSeq, last.count))
            #expect((seal.timeFirst, seal.timeLast) == (last.timeFirst, last.timeLast))
            #expect((seal.node, seal.epoch) == (first.node, first.epoch))
            #expect(
                seal.rewrite == MemberHeader.Rewrite(generation: generation, original: last.chain))
            try bench.expectSound(generations: [0, generation, 0])
        }
    }

    @Test func `members are merged up to a mebibyte, control lines stay alone`() throws {
        let bench = Bench()
        let pad = String(repeating: "x", count: 60_000)
        var batches = (0..<40).map { batch([event("\($0)", extra: ",\"unknown\":\"\(pad)\"")]) }
        batches.insert(ControlLine.note("here"), at: 30)
        let clock = FakeClock()
        let keeper = Keeper()
        let journal = try keeper.open(bench, clock: clock)
        try keeper.start(journal)
        for batch in batches {
            keeper.submit(journal, batch)
            keeper.waitUntilQuiet(journal)
            clock.pass(milliseconds: 10)
        }
        journal.stop()
        let before = try bench.lines()
        try bench.rewrite(NoEdit(), evenUnchanged: true)
        let members = try bench.headers(bench.segmentNames[0])
        #expect(members.map(\.kind) == [.head, .batch, .batch, .control, .batch, .seal])
        #expect(members.map(\.count) == [0, 17, 13, 1, 10, 41])
        // Each member says when its own lines were received.
        #expect(members[1].timeLast - members[1].timeFirst == 160)
        #expect(members[3].timeFirst - members[2].timeLast == 10)
        #expect(try bench.lines() == before)
        try bench.expectSound(generations: [1])
    }

    @Test func `lines that grow are moved to further members`() throws {
        let bench = Bench()
        _ = try Keeper.write(bench, [batch((0..<30).map { event("\($0)") })])
        try bench.rewrite(
            ChosenEdit { line, seq in
                String(line.dropLast()) + ",\"n\":\""
                    + String(repeating: "y", count: 50_000 + Int(seq)) + "\"}"
            })
        let members = try bench.headers(bench.segmentNames[0])
        #expect(members.map(\.count) == [0, 20, 10, 30])
        try bench.expectSound(generations: [1])
    }

    @Test func `the marks of a retry and of a recovery stay`() throws {
        let bench = Bench()
        try bench.take(Fixtures.segments + "/retry")
        let keeper = Keeper()
        try keeper.open(bench).stop()
        let names = bench.segmentNames
        let flags = try names.map { try bench.headers($0).map(\.flags) }
        #expect(flags[0].last == .recovered)
        #expect(flags[1].first == .retry)
        try bench.rewrite(NoEdit(), evenUnchanged: true)
        let later = try names.map { try bench.headers($0).map(\.flags) }
        #expect(later[0].last == [.recovered, .rewritten])
        #expect(later[1].first == [.retry, .rewritten])
        try bench.expectSound()
    }

    @Test func `the log goes on behind a rewritten last file, also after a restart`() throws {
        let bench = Bench()
        try log(bench)
        try bench.rewrite(NoEdit(), evenUnchanged: true)
        let rewritten = bench.files("segments")
        for i in 0..<2 {
            let keeper = try Keeper.write(bench, [batch([event("later-\(i)")])])
            #expect(keeper.record.withLock { $0.notices } == [])
        }
        #expect(bench.files("segments").filter { rewritten[$0.key] != nil } == rewritten)
        try bench.expectSound(generations: [1, 1, 1, 0, 0])
        // A file whose successor is rewritten, too, and once more.
        try bench.rewrite(NoEdit(), evenUnchanged: true)
        try bench.expectSound(generations: [2, 2, 2, 1, 1])
    }

    @Test(arguments: 0..<4)
    func `what doesn't hold isn't rewritten`(member: Int) throws {
        let bench = Bench()
        try log(bench)
        let name = bench.segmentNames[1]
        let offset = try bench.headers(name)[member].offset
        var bytes = try #require(bench.files("segments")[name])
        bytes[offset + 90] ^= 0x04
        bench.write(bytes, "segments/" + name)
        let before = bench.files("segments")
        var edit = ChosenEdit.renaming([5])
        #expect {
            _ = try bench.rewriter.rewrite(name, &edit)
        } throws: { error in
            switch error as? SegmentRefusal {
            // Without its ends a file doesn't count as sealed.
            case .unsealed: member == 0 || member == 3
            case .damaged(let damages): damages.first?.offset == offset
            default: false
            }
        }
        #expect(bench.files("segments") == before)
    }

    @Test(arguments: ["chain", "t_first", "first_seq"])
    func `a fault between members isn't painted over`(field: String) throws {
        let bench = Bench()
        try log(bench)
        let name = bench.segmentNames[1]
        var header = try bench.headers(name)[2]
        switch field {
        case "chain": header.chain ^= 1
        case "t_first": header.timeFirst -= 1
        default: header.firstSeq += 1
        }
        var bytes = try #require(bench.files("segments")[name])
        bytes.withUnsafeMutableBytes { header.encode(into: $0.baseAddress! + header.offset) }
        bench.write(bytes, "segments/" + name)
        var edit = ChosenEdit.renaming([5])
        #expect {
            _ = try bench.rewriter.rewrite(name, &edit)
        } throws: { error in
            guard case .damaged(let damages)? = error as? SegmentRefusal else { return false }
            return damages.first?.offset == header.offset
        }
        #expect(bench.files("segments")[name] == bytes)
    }

    @Test func `a file that is being written, or is gone, is left alone`() throws {
        let bench = Bench()
        let keeper = Keeper()
        let journal = try keeper.open(bench)
        try keeper.start(journal)
        keeper.submit(journal, batch([event("a")]))
        keeper.waitUntilQuiet(journal)
        var edit = ChosenEdit.renaming([1])
        let name = bench.segmentNames[0]
        #expect(throws: SegmentRefusal.unsealed(name)) {
            _ = try journal.rewriter(.tight).rewrite(name, &edit)
        }
        #expect(throws: SegmentRefusal.gone) {
            _ = try journal.rewriter(.tight).rewrite(SegmentFormat.fileName(firstSeq: 77), &edit)
        }
        journal.stop()
        try bench.expectSound(generations: [0])
    }

    @Test func `a rewriting may be stopped between any two members`() throws {
        let bench = Bench()
        try log(bench)
        let before = bench.files("segments")
        var asked = 0
        for limit in 0... {
            var edit = ChosenEdit.renaming([8])
            asked = 0
            let change = try? bench.rewriter.rewrite(bench.segmentNames[1], &edit) {
                asked += 1
                return asked > limit
            }
            if change != nil { break }
            #expect(bench.files("segments") == before)
        }
        // Two members before the change is found, all four when the file is checked, all but the HEAD
        // when it is copied, and the three of the new file.
        #expect(asked == 12)
        try bench.expectSound(generations: [0, 1, 0])
    }

    @Test func `what is read back and differs doesn't take the old one's place`() throws {
        let bench = Bench()
        try log(bench)
        let before = bench.files("segments")
        for spoil in [
            { (line: String) in line.replacingOccurrences(of: "\"seq\":5", with: "\"seq\":6") },
            { $0.replacingOccurrences(of: "2026-01", with: "2026-02") },
            { $0.replacingOccurrences(of: "received", with: "recieved") },
            { $0 + "\n" + $0 }, { $0 + "}" },
        ] {
            var edit = ChosenEdit { line, seq in seq == 5 ? spoil(line) : nil }
            #expect(throws: SegmentRefusal.self) {
                _ = try bench.rewriter.rewrite(bench.segmentNames[1], &edit)
            }
            #expect(bench.files("segments") == before)
        }
    }
}
