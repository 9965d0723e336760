import Glibc
import Journal
import TestSupport
import Testing

/// Recipes of the journal's specification that need a disk which forgets.
@Suite struct RecipeTests {
    @Test(arguments: [PowerCut.nothing, .some, .all])
    func `R5: a lost rename leaves no half-made file under a final name`(cut: PowerCut) throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let rig = Rig(seed: seed)
            rig.limits.segmentBytes = 1
            try rig.start()
            rig.write()
            // The second segment gets its name; the machine stops before that is durable.
            rig.submit()
            rig.disk.add(DiskFault(.syncDirectory, "/segments", number: 1, times: 100))
            rig.disk.add(DiskFault(.rename, "/segments", number: 2, times: 100))
            rig.journal?.turn()
            rig.fall(cut)
            let (_, segments, seqs) = try rig.recover()
            #expect(segments.verdict == .ok, "seed \(seed): \(segments.damages)")
            #expect(segments.strays.isEmpty)
            #expect(seqs.starts(with: [1, 2]))
        }
    }

    @Test func `R5: an unlink that is lost brings a file back that recovery removes again`() throws
    {
        let rig = Rig()
        try rig.start()
        rig.write()
        rig.stop()
        // A start that dies between unlinking what was half made and making that durable.
        _ = try rig.disk.open(Rig.directory + "/segments/seg-x.tmp", .create)
        try rig.disk.synchronizeDirectory(Rig.directory + "/segments")
        rig.disk.add(DiskFault(.syncDirectory, "/segments", number: 1))
        #expect(throws: FileError.self) { try rig.open() }
        rig.fall(.nothing)
        #expect(rig.files.keys.contains { $0.hasSuffix(".tmp") })
        let (_, segments, seqs) = try rig.recover()
        #expect(!rig.files.keys.contains { $0.hasSuffix(".tmp") })
        #expect(segments.isClean)
        #expect(seqs == [1, 2])
    }

    @Test func `R11: a clock that jumps rolls no segment; an hour does`() throws {
        let rig = Rig()
        try rig.start()
        let day: Int64 = 86_400_000
        for step in [-day, 365 * day, -365 * day, day] {
            rig.write(lines: 1)
            rig.clock.stepWall(milliseconds: step)
        }
        rig.write(lines: 1)
        #expect(rig.files.count == 1)
        rig.clock.pass(nanoseconds: 3_600_000_000_000)
        rig.write(lines: 1)
        rig.stop()
        let (_, segments, seqs) = try rig.recover()
        #expect(segments.isClean)
        #expect(segments.segments.count == 2)
        // Two steps back were followed, and each is told of in a line of its own.
        #expect(segments.control == 2)
        #expect(seqs == Array(1...8))
    }

    @Test func `R12: a second process gets nothing and touches nothing`() throws {
        let rig = Rig()
        try rig.start()
        rig.write()
        let files = rig.files
        #expect(throws: JournalError.self) { try rig.open() }
        #expect(rig.files == files)
        rig.write()
        #expect(rig.settled == [true, true])
        rig.fall(nil)
        #expect(try rig.recover().seqs == [1, 2, 3, 4])
    }

    @Test func `a data directory whose first start was killed is durable with the second`() throws {
        for calls in 1...12 {
            let rig = Rig()
            rig.disk.stopAt = calls
            #expect(throws: FileError.self) { try rig.open() }
            rig.fall(nil)
            try rig.start()
            rig.write()
            rig.fall(.nothing)
            #expect(try rig.recover().seqs == [1, 2], "killed at call \(calls)")
        }
    }

    @Test func `a want of descriptors while rolling over passes`() throws {
        for number in 1...4 {
            let rig = Rig()
            rig.limits.segmentBytes = 1
            try rig.start()
            rig.write()
            rig.disk.add(DiskFault(.open, number: number, times: 8, code: EMFILE))
            rig.disk.add(DiskFault(.create, number: number, times: 8, code: EMFILE))
            for _ in 0..<12 { rig.write() }
            #expect(rig.fatal == nil)
            #expect(rig.settled == [Bool](repeating: true, count: 13))
            rig.fall(.nothing)
            #expect(try rig.recover().seqs == Array(1...26))
        }
    }

    @Test func `what a stop still stores on a full disk is behind the watermark`() throws {
        let rig = Rig()
        try rig.start()
        rig.write()
        rig.submit()
        // No room at the first try, room at the last one.
        rig.disk.add(DiskFault(.write, number: 1, code: ENOSPC))
        let journal = try #require(rig.journal)
        rig.stop()
        #expect(rig.settled == [true, true])
        #expect(journal.watermark.seq == 4)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `R6: what a full disk took of a member isn't left behind a SEAL`(seed: UInt64) throws {
        let rig = Rig(seed: seed)
        rig.limits.segmentBytes = 1
        rig.limits.ballastBytes = 10_000
        rig.limits.housekeepingNanoseconds = 0
        try rig.start()
        rig.write()
        // No new segment for now, and then no room in the old one: with the ballast's both are there.
        rig.disk.add(DiskFault(.create, "/segments", number: 1, code: EMFILE))
        rig.disk.add(DiskFault(.write, "/segments/seg-", number: 1, code: ENOSPC))
        rig.write(lines: 20)
        #expect(rig.settled == [true, true])
        rig.stop()
        let (_, segments, seqs) = try rig.recover()
        #expect(segments.isClean, "\(segments.damages)")
        #expect(seqs == Array(1...22))
    }
}
