import Glibc
import Journal
import TestSupport
import Testing

/// R7: an error at any sync, of a batch, a HEAD, a SEAL or the directory. The first is survived, by
/// writing once more in a new segment; the second ends the process; nothing is claimed that a power
/// cut takes back.
@Suite struct SyncErrorTests {
    private static let syncs: [(DiskOperation, String)] = [
        (.syncData, "/segments/seg-"), (.sync, ".gz.tmp"), (.syncDirectory, "/segments"),
    ]

    /// Writes six batches, a segment for every two, so that each kind of sync comes several times.
    private func run(_ faults: [DiskFault]) throws -> Rig {
        let rig = Rig()
        rig.limits.segmentBytes = 500
        try rig.start()
        for fault in faults { rig.disk.add(fault) }
        for _ in 0..<6 { rig.write() }
        return rig
    }

    private func check(_ rig: Rig) throws {
        for cut in [PowerCut.nothing, .some, .all] {
            rig.fall(cut)
            let (report, segments, seqs) = try rig.recover()
            #expect(seqs.starts(with: rig.durable))
            #expect(seqs == Array(1..<report.nextSeq))
            #expect(segments.verdict == .ok, "\(segments.damages)")
        }
    }

    @Test(arguments: 0..<3, 1...6)
    func `the first failed sync is survived`(kind: Int, number: Int) throws {
        let (operation, path) = Self.syncs[kind]
        let rig = try run([DiskFault(operation, path, number: number)])
        #expect(rig.fatal == nil)
        #expect(rig.settled == [Bool](repeating: true, count: 6))
        try check(rig)
    }

    @Test(arguments: 0..<3, 1...6)
    func `the second one ends the process`(kind: Int, number: Int) throws {
        let (operation, path) = Self.syncs[kind]
        let rig = try run([
            DiskFault(operation, path, number: number),
            DiskFault(.syncData, "/segments/seg-", number: number + 1, times: 100),
            DiskFault(.sync, ".gz.tmp", number: number + 1, times: 100),
        ])
        let met = rig.disk.injected.count
        #expect((rig.fatal != nil) == (met > 1))
        #expect(rig.settled.count == 6 && rig.settled.contains(false) == (met > 1))
        try check(rig)
    }

    @Test func `an error at a SEAL after the one attempt ends the process, too`() throws {
        let rig = Rig()
        rig.limits.ballastBytes = 10_000
        rig.limits.housekeepingNanoseconds = 0
        try rig.start()
        rig.write()
        rig.disk.add(DiskFault(.syncData, number: 1))
        rig.write()
        // Without room the ballast goes, the batch is stored, and the segment sealed behind it.
        rig.disk.add(DiskFault(.write, number: 1, code: ENOSPC))
        rig.disk.add(DiskFault(.syncData, number: 2))
        rig.write()
        #expect(rig.settled == [true, true, true])
        #expect(rig.fatal != nil)
        rig.write()
        #expect(rig.settled == [true, true, true, false])
        try check(rig)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `a cached SEAL that never reached the disk isn't believed`(seed: UInt64) throws {
        let rig = Rig(seed: seed)
        try rig.start()
        rig.write()
        rig.disk.add(DiskFault(.syncData, number: 1))
        rig.stop()
        // The process starts again while the cache still shows the SEAL, and goes on behind it.
        rig.fall(nil)
        try rig.start()
        rig.write()
        // What is missing is the data; its length may be there.
        rig.fall(.some)
        #expect(try rig.recover().segments.verdict == .ok)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `nor is one in front of a segment that came to nothing`(seed: UInt64) throws {
        let rig = Rig(seed: seed)
        rig.limits.segmentBytes = 1
        try rig.start()
        rig.write()
        // The SEAL fails, and then what was to follow it: a HEAD that says RETRY is left.
        rig.disk.add(DiskFault(.syncData, "/segments/seg-", number: 1, times: 100))
        rig.write()
        #expect(rig.fatal != nil)
        rig.fall(nil)
        try rig.start()
        rig.write()
        rig.fall(.some)
        let (_, segments, seqs) = try rig.recover()
        #expect(segments.verdict == .ok, "\(segments.damages)")
        #expect(Set(rig.durable).isSubset(of: seqs))
    }
}
