import Journal
import TestSupport
import Testing

/// Wherever packing a log is cut, each file is the old one or the new one, and it can be gone on with.
@Suite struct RecompactionCrashTests {
    private func disk() throws -> SimulatedDisk {
        try .withLog(segments: 2, linesPerMember: 20, seed: 5)
    }

    /// Packs all, and gives how many files it replaced.
    private func pack(_ disk: SimulatedDisk) throws -> Int {
        let recompaction = Recompaction(
            SegmentRewriter(directory: SimulatedDisk.log, fileSystem: disk), lowWaterBytes: 0)
        let names = try recompaction.due(before: .max, through: .max - 1)
        return try names.count { try recompaction.pack($0) != nil }
    }

    @Test(arguments: [PowerCut?.none, .nothing, .some, .all])
    func `after a stop at any call each file is wholly old or wholly new`(cut: PowerCut?) throws {
        let whole = try disk()
        let old = whole.segments
        #expect(try pack(whole) == 2)
        let new = whole.segments
        #expect(new.allSatisfy { old[$0.key] != $0.value && old[$0.key] != nil })
        var packed: Set<Int> = []
        for call in 1... {
            let disk = try disk()
            disk.stopAt = disk.calls + call
            let isDone = (try? pack(disk)) != nil
            disk.restart(after: cut)
            let journal = try disk.openLog()
            #expect(!journal.isDegraded)
            journal.stop()
            let left = disk.segments
            #expect(left.keys.sorted() == old.keys.sorted())
            for (name, bytes) in left {
                #expect(
                    bytes == old[name] || bytes == new[name], "\(name), stopped at call \(call)")
            }
            let count = left.count { $0.value == new[$0.key] }
            packed.insert(count)
            #expect(try verifyJournal(directory: SimulatedDisk.log.root, fileSystem: disk).isClean)
            // Gone on with: what is packed isn't packed again.
            #expect(try pack(disk) == 2 - count)
            #expect(disk.segments == new)
            if isDone {
                // Done is done, whatever becomes of the machine.
                #expect(left == new)
                break
            }
        }
        #expect(packed == [0, 1, 2])
    }

    @Test func `a disk that refuses any one call costs nothing`() throws {
        let whole = try disk()
        let old = whole.segments
        _ = try pack(whole)
        let new = whole.segments
        for operation in DiskOperation.allCases {
            for number in 1... {
                let disk = try disk()
                disk.add(DiskFault(operation, number: number))
                _ = try? pack(disk)
                if disk.injected.isEmpty { break }
                // What has failed to go away goes at the next start.
                let left = disk.segments.filter {
                    operation != .unlink || !$0.key.hasSuffix(".tmp")
                }
                #expect(left.keys.sorted() == old.keys.sorted(), "\(operation) \(number)")
                #expect(left.allSatisfy { $0.value == old[$0.key] || $0.value == new[$0.key] })
                #expect(disk.openFiles == 0)
                disk.heal()
                _ = try pack(disk)
                #expect(disk.segments == new)
            }
        }
    }
}
