import Journal
import TestSupport
import Testing

/// In which order recovery asks the disk: each step can be cut by the next power cut.
@Suite struct RecoveryOrderTests {
    private static let file = SegmentFormat.fileName(firstSeq: 1)
    private static let path = "segments/" + file

    /// What recovery of a fixture asked of the disk, about segments and their copies.
    private func recover(_ fixture: String) throws -> [String] {
        let bench = Bench()
        try bench.take(Fixtures.segments + "/" + fixture)
        let disk = FaultyFileSystem()
        try Keeper().open(bench, disk).stop()
        return disk.history.map { $0.replacing(bench.root + "/", with: "") }.filter {
            ($0.contains(" segments") || $0.contains(" quarantine")) && !$0.hasPrefix("mkdir")
        }
    }

    @Test func `an open file is synced and forgotten before it is judged, and its SEAL synced`()
        throws
    {
        #expect(
            try recover("open") == [
                "fdatasync \(Self.path)", "forget \(Self.path)",
                "write \(Self.path)", "fdatasync \(Self.path)",
            ])
    }

    @Test func `a torn tail is cut only when its copy is durable, and the cut is before the SEAL`()
        throws
    {
        let copy = "quarantine/\(Self.file).at599"
        func replaced(_ path: String) -> [String] {
            [
                "create \(path).tmp", "write \(path).tmp", "fsync \(path).tmp",
                "rename \(path).tmp", "fsync quarantine",
            ]
        }
        #expect(
            try recover("torn-zeros")
                == ["fdatasync \(Self.path)", "forget \(Self.path)"]
                + replaced(copy + ".note") + replaced(copy) + [
                    "truncate \(Self.path)", "fsync \(Self.path)",
                    "write \(Self.path)", "fdatasync \(Self.path)",
                ])
    }
}
