import Engagement
import Journal
import TestSupport
import Testing

@Suite struct ReadOnceTests {
    /// Before a recovery has set the void copy aside: a running journal has both.
    @Test func `what a sync error left twice is read once`() throws {
        let bench = Bench()
        try bench.take(Fixtures.segments + "/retry")
        let reader = DurableReader(segments: bench.segments)
        for from in 1...5 as ClosedRange<UInt64> {
            var seqs: [UInt64] = []
            try reader.read(from: from, through: .max) { batch in
                seqs += (0..<batch.lineCount).map { batch.firstSeq + UInt64($0) }
            }
            #expect(seqs == Array(from...5))
        }
    }

    /// A member that can't be read looks like one that is torn; the next try may read it.
    @Test func `one read error ends recovery and costs nothing`() throws {
        var number = 1
        while true {
            let bench = Bench()
            try bench.take(Fixtures.segments + "/open")
            let before = bench.files("segments")
            let disk = FaultyFileSystem([.init("read", number: number)], only: "/segments")
            let journal = try? Keeper().open(bench, disk)
            journal?.stop()
            if disk.count("read") < number { break }
            #expect(journal == nil, "read \(number)")
            #expect(bench.files("segments") == before, "read \(number)")
            number += 1
        }
        #expect(number > 3)
    }
}
