import Journal
import TestSupport
import Testing

/// Wherever a rewriting is cut, the file is the old one or the new one, and it can be done again.
@Suite struct RewriteCrashTests {
    private func disk() throws -> SimulatedDisk {
        try .withLog(segments: 3, linesPerMember: 4, seed: 1)
    }

    private func rewrite(_ disk: SimulatedDisk) throws {
        let rewriter = SegmentRewriter(directory: SimulatedDisk.log, fileSystem: disk)
        var edit = ChosenEdit.renaming([14, 19])
        _ = try rewriter.rewrite(SegmentFormat.fileName(firstSeq: 13), &edit)
    }

    @Test(arguments: [PowerCut?.none, .nothing, .some, .all])
    func `after a stop at any call the file is wholly old or wholly new`(cut: PowerCut?) throws {
        let whole = try disk()
        let old = whole.segments
        try rewrite(whole)
        let new = whole.segments
        #expect(new.filter { old[$0.key] != $0.value }.count == 1)
        var outcomes: Set<Bool> = []
        for call in 1... {
            let disk = try disk()
            #expect(disk.segments == old)
            disk.stopAt = disk.calls + call
            let isDone = (try? rewrite(disk)) != nil
            disk.restart(after: cut)
            let journal = try disk.openLog()
            #expect(!journal.isDegraded)
            journal.stop()
            let left = disk.segments
            #expect(left == old || left == new, "stopped at call \(call)")
            // Done is done, whatever becomes of the machine.
            if isDone { #expect(left == new) }
            outcomes.insert(left == new)
            #expect(try verifyJournal(directory: SimulatedDisk.log.root, fileSystem: disk).isClean)
            try rewrite(disk)
            #expect(disk.segments == new)
            if isDone { break }
        }
        #expect(outcomes == [true, false])
    }

    @Test func `a disk that refuses any one call costs nothing`() throws {
        let whole = try disk()
        let old = whole.segments
        try rewrite(whole)
        let new = whole.segments
        for operation in DiskOperation.allCases {
            for number in 1... {
                let disk = try disk()
                disk.add(DiskFault(operation, number: number))
                let isDone = (try? rewrite(disk)) != nil
                if disk.injected.isEmpty { break }
                // What has failed to go away goes at the next start.
                let isUnlink = operation == .unlink
                let left = disk.segments.filter { !isUnlink || !$0.key.hasSuffix(".tmp") }
                #expect(left == old || left == new, "\(operation) \(number)")
                #expect(!isDone || left == new)
                #expect(disk.openFiles == 0)
                disk.heal()
                try rewrite(disk)
                #expect(disk.segments == new)
            }
        }
    }

    @Test func `a disk without room is left as it was found`() throws {
        let disk = try disk()
        let old = disk.segments
        disk.shortages = [DiskShortage(calls: 0..<(.max), room: 300)]
        #expect(throws: SegmentRefusal.self) { try rewrite(disk) }
        #expect(disk.segments == old)
        #expect(disk.openFiles == 0)
    }
}
