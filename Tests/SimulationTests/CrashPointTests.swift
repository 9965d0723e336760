import Journal
import Simulation
import TestSupport
import Testing

@Suite struct CrashPointTests {
    @Test(arguments: [PowerCut?.none, .nothing, .some, .all])
    func `R2: a stop at any call of a fixed run costs nothing that was promised`(
        cut: PowerCut?
    ) throws {
        let calls = try CrashPoints.calls(seed: 3)
        for call in 1...calls { try CrashPoints.run(seed: 3, stopAt: call, cut) }
    }
}

@Suite struct RecoveryCutTests {
    /// Ends with a void copy, a torn tail and a segment that has no SEAL.
    private func fallen(_ seed: UInt64) throws -> Rig {
        let rig = Rig(seed: seed)
        rig.limits.segmentBytes = 700
        try rig.start()
        for _ in 0..<3 { rig.write() }
        rig.disk.add(DiskFault(.syncData, "/segments/seg-", number: 2))
        for _ in 0..<2 { rig.write() }
        rig.submit(lines: 12)
        rig.disk.add(DiskFault(.syncData, "/segments/seg-", number: 1, times: 100))
        rig.journal?.turn()
        rig.fall(.all)
        return rig
    }

    @Test(arguments: [PowerCut?.none, .nothing, .all])
    func `R15: a recovery cut at any call and run again leaves the same bytes`(
        cut: PowerCut?
    ) throws {
        let whole = try fallen(1)
        let before = whole.files
        let seqs = try whole.recover().seqs
        let after = whole.files
        #expect(after != before)
        _ = try whole.recover()
        #expect(whole.files == after)
        for call in 1... {
            let rig = try fallen(1)
            #expect(rig.files == before)
            rig.disk.stopAt = rig.disk.calls + call
            guard (try? rig.open()) == nil else { break }
            rig.fall(cut)
            #expect(try rig.recover().seqs == seqs)
            #expect(rig.files == after, "cut at call \(call)")
        }
    }
}
