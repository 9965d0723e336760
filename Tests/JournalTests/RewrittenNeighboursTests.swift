import Engagement
import Foundation
import Journal
import TestSupport
import Testing

/// Whoever else works on segments takes a rewritten one like any other.
@Suite struct RewrittenNeighboursTests {
    private func log(_ bench: Bench) throws {
        for i in 0..<4 {
            _ = try Keeper.write(
                bench, [batch([event("\(i)-a"), event("\(i)-b")]), batch([event("\(i)-c")])])
        }
        try bench.rewrite(ChosenEdit.renaming([2, 4]))
    }

    @Test func `the scrub finds it sound, and finds damage in it`() throws {
        let bench = Bench()
        try log(bench)
        let journal = try Keeper().open(bench)
        let scrub = Scrub(journal)
        for name in bench.segmentNames { _ = try scrub.check(name) { _ in } }
        #expect(!journal.isDegraded)
        let name = bench.segmentNames[1]
        var bytes = try #require(bench.files("segments")[name])
        bytes[98 + 100] ^= 0x10
        bench.write(bytes, "segments/" + name)
        _ = try scrub.check(name) { _ in }
        #expect(journal.damages.map(\.lostFirstSeq) == [4])
        journal.stop()
    }

    @Test func `retention takes it when it is due`() throws {
        let bench = Bench()
        try log(bench)
        let retention = Retention(
            directory: DataDirectory(bench.root), fileSystem: PosixFileSystem(),
            limits: .init(bytes: 1))
        let due = try retention.due(now: 0)
        #expect(due.segments.map(\.lastSeq) == [3, 6, 9])
        try retention.retire(due, through: 3) { _ in }
        try bench.expectSound(generations: [1, 0, 0])
        _ = try Keeper.write(bench, [batch([event("on")])])
        try bench.expectSound(generations: [1, 0, 0, 0])
    }

    @Test func `a backup sees that it is another file`() throws {
        let bench = Bench()
        try log(bench)
        let directory = DataDirectory(bench.root)
        for name in bench.segmentNames {
            let before = try #require(try SealedEnds.read(name, directory, PosixFileSystem()))
            var edit = NoEdit()
            _ = try bench.rewriter.rewrite(name, &edit, evenUnchanged: true)
            #expect(try SealedEnds.read(name, directory, PosixFileSystem()) != before)
        }
    }

    @Test func `verify beside a rewriting never finds anything wrong`() throws {
        let bench = Bench()
        try log(bench)
        // A half-made file is a stray, no segment.
        let name = bench.segmentNames[0] + ".tmp"
        bench.write([1, 2, 3], "segments/" + name)
        let report = try verifyJournal(directory: bench.root)
        #expect(report.isClean)
        #expect(report.strays == [name])
        // What a crash has left goes at the next start, or when the file is rewritten again.
        try bench.rewrite(NoEdit(), evenUnchanged: true)
        #expect(try verifyJournal(directory: bench.root).strays == [])
        bench.write([1, 2, 3], "segments/" + name)
        try Keeper().open(bench).stop()
        #expect(try verifyJournal(directory: bench.root).strays == [])
    }

    @Test func `a reader that has the old file open reads on in it`() throws {
        let bench = Bench()
        try log(bench)
        var seqs: [UInt64] = []
        try DurableReader(segments: bench.segments).read(from: 1, through: .max) { batch in
            seqs += batch.firstSeq...batch.lastSeq
            try bench.rewrite(NoEdit(), evenUnchanged: true)
        }
        #expect(seqs == Array(1...12))
    }

    @Test(arguments: [true, false])
    func `looks at single lines go on, whoever rewrites the files under them`(
        isOwnProcess: Bool
    ) throws {
        let bench = Bench()
        var limits = Bench.limits
        limits.segmentBytes = 1_500
        let journal = try Keeper().open(bench, limits: limits)
        let keeper = Keeper()
        try keeper.start(journal)
        for i in 0..<60 {
            keeper.submit(journal, batch([event("\(i)-a"), event("\(i)-b")]))
            keeper.waitUntilQuiet(journal)
        }
        let reader = journal.reader()
        let rewriter = isOwnProcess ? journal.rewriter(.tight) : bench.rewriter
        var rng = SeededRNG(7)
        var names: [String] = []
        func expectAll(_ renamed: Set<UInt64>) throws {
            for seq in (1...120 as ClosedRange<UInt64>).shuffled(using: &rng) {
                let line = String(
                    decoding: try #require(try reader.line(seq: seq), "seq \(seq)"), as: UTF8.self)
                #expect(line.hasPrefix("{\"seq\":\(seq),"))
                let isOld = line.contains("c-ann")
                // Only what another process did meanwhile may still be unknown.
                if isOwnProcess { #expect(isOld == !renamed.contains(seq), "seq \(seq)") }
            }
        }
        try expectAll([])
        names = bench.segmentNames.dropLast()
        #expect(names.count > 5)
        var renamed: Set<UInt64> = []
        for round in 0..<3 {
            for name in names.shuffled(using: &rng) {
                let first = try #require(SegmentFormat.firstSeq(fileName: name))
                let chosen = Set((1...120 as ClosedRange<UInt64>).filter { _ in rng.oneIn(3) })
                    .union([first])
                // Held by the reader from now on.
                _ = try reader.line(seq: first)
                // Lines of other lengths, so that members lie elsewhere each time.
                var edit = ChosenEdit { line, seq in
                    guard chosen.contains(seq) else { return nil }
                    renamed.insert(seq)
                    return line.replacingOccurrences(of: "c-ann", with: "n")
                        .replacingOccurrences(of: "}", with: ",\"r\(round)\":\(rng.next())}")
                }
                _ = try rewriter.rewrite(name, &edit)
                let line = String(
                    decoding: try #require(try reader.line(seq: first)), as: UTF8.self)
                if isOwnProcess { #expect(!line.contains("c-ann")) }
            }
            try expectAll(renamed)
        }
        journal.stop()
        try bench.expectSound()
    }
}
