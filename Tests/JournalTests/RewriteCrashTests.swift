import Engagement
import Journal
import TestSupport
import Testing

/// Wherever a rewriting is cut, the file is the old one or the new one, and it can be done again.
@Suite struct RewriteCrashTests {
    private static let directory = DataDirectory("/data")

    /// A log of three sealed segments on a simulated disk, all of it durable.
    private func disk(_ seed: UInt64) throws -> SimulatedDisk {
        let clock = SimulatedClock()
        let disk = SimulatedDisk(seed: seed, clock: clock)
        // Ids that don't compress, so that a file has several sectors.
        var rng = SeededRNG(seed)
        for _ in 0..<3 {
            let journal = try open(disk, clock)
            try journal.start(
                onOwnThread: false, onDurable: { _ in }, onRelief: {}, onFatal: { _ in })
            for _ in 0..<3 {
                journal.submit(batch((0..<4).map { _ in event("\(rng.next())-\(rng.next())") }))
                journal.turn()
            }
            journal.stop()
        }
        disk.restart(after: .nothing)
        return disk
    }

    private func open(_ disk: SimulatedDisk, _ clock: SimulatedClock) throws -> Journal {
        try Journal.open(
            directory: Self.directory.root, fileSystem: disk, clock: clock, limits: Bench.limits,
            makeIdentity: { Bench.identity })
    }

    private func rewrite(_ disk: SimulatedDisk) throws {
        let rewriter = SegmentRewriter(directory: Self.directory, fileSystem: disk)
        var edit = ChosenEdit.renaming([14, 19])
        _ = try rewriter.rewrite(SegmentFormat.fileName(firstSeq: 13), &edit)
    }

    private func segments(_ disk: SimulatedDisk) -> [String: [UInt8]] {
        disk.files(below: Self.directory.segments)
    }

    @Test(arguments: [PowerCut?.none, .nothing, .some, .all])
    func `after a stop at any call the file is wholly old or wholly new`(cut: PowerCut?) throws {
        let whole = try disk(1)
        let old = segments(whole)
        try rewrite(whole)
        let new = segments(whole)
        #expect(new.filter { old[$0.key] != $0.value }.count == 1)
        var outcomes: Set<Bool> = []
        for call in 1... {
            let disk = try disk(1)
            #expect(segments(disk) == old)
            disk.stopAt = disk.calls + call
            let isDone = (try? rewrite(disk)) != nil
            disk.restart(after: cut)
            let journal = try open(disk, SimulatedClock())
            #expect(!journal.isDegraded)
            journal.stop()
            let left = segments(disk)
            #expect(left == old || left == new, "stopped at call \(call)")
            // Done is done, whatever becomes of the machine.
            if isDone { #expect(left == new) }
            outcomes.insert(left == new)
            #expect(try verifyJournal(directory: "/data", fileSystem: disk).isClean)
            try rewrite(disk)
            #expect(segments(disk) == new)
            if isDone { break }
        }
        #expect(outcomes == [true, false])
    }

    @Test func `a disk that refuses any one call costs nothing`() throws {
        let whole = try disk(1)
        let old = segments(whole)
        try rewrite(whole)
        let new = segments(whole)
        for operation in DiskOperation.allCases {
            for number in 1... {
                let disk = try disk(1)
                disk.add(DiskFault(operation, number: number))
                let isDone = (try? rewrite(disk)) != nil
                if disk.injected.isEmpty { break }
                // What has failed to go away goes at the next start.
                let isUnlink = operation == .unlink
                let left = segments(disk).filter { !isUnlink || !$0.key.hasSuffix(".tmp") }
                #expect(left == old || left == new, "\(operation) \(number)")
                #expect(!isDone || left == new)
                #expect(disk.openFiles == 0)
                disk.heal()
                try rewrite(disk)
                #expect(segments(disk) == new)
            }
        }
    }

    @Test func `a disk without room is left as it was found`() throws {
        let disk = try disk(1)
        let old = segments(disk)
        disk.shortages = [DiskShortage(calls: 0..<(.max), room: 300)]
        #expect(throws: SegmentRefusal.self) { try rewrite(disk) }
        #expect(segments(disk) == old)
        #expect(disk.openFiles == 0)
    }
}
