import Engagement
import Glibc
import Journal
import Synchronization
import TestSupport
import Testing

/// Disks that refuse: what is acknowledged stays, what isn't may be lost, and nothing is invented.
@Suite struct FaultTests {
    /// Writes three batches one after the other on a disk with the given faults.
    private func write(
        _ bench: Bench, _ disk: FaultyFileSystem, limits: JournalLimits = Bench.limits,
        prepare: (FaultyFileSystem) -> Void = { _ in }
    ) throws -> Keeper {
        let keeper = Keeper()
        let journal = try keeper.open(bench, disk, limits: limits)
        prepare(disk)
        try keeper.start(journal)
        for i in 0..<3 {
            keeper.submit(journal, batch([event("\(i)-a"), event("\(i)-b")]))
            keeper.waitUntilQuiet(journal)
        }
        journal.stop()
        return keeper
    }

    private func check(
        _ bench: Bench, _ keeper: Keeper, settled: [Bool], independently: Bool = true
    ) throws {
        #expect(keeper.record.withLock { $0.settled.map(\.isDurable) } == settled)
        let durable = settled.filter { $0 }.count * 2
        for _ in 0..<2 {
            let report = try verifyJournal(directory: bench.root)
            #expect(report.verdict != .corrupt, "\(report.damages)")
            #expect(report.events >= durable)
            if independently, let (code, text) = try independentVerdict(bench.root, clean: false) {
                #expect(code == 0, "\(text)")
            }
            // And the next start makes all well.
            let later = try Keeper().open(bench)
            #expect(!later.isDegraded)
            later.stop()
        }
        #expect(try verifyJournal(directory: bench.root).isClean)
    }

    @Test func `after a failed sync the batch is written once more in a new segment`() throws {
        let bench = Bench()
        let disk = FaultyFileSystem(only: "segments/seg-")
        let keeper = try write(bench, disk) { $0.add(.init("fdatasync", number: 2)) }
        #expect(keeper.record.withLock { $0.fatal.isEmpty })
        let report = try verifyJournal(directory: bench.root)
        #expect(report.segments.map(\.firstSeq) == [1, 3])
        #expect(report.segments.map(\.state) == [.open, .sealed])
        #expect(report.void.count == 1)
        #expect(report.events == 6)
        try check(bench, keeper, settled: [true, true, true])
    }

    @Test func `a failed sync of a file's first batch sets the file aside`() throws {
        let bench = Bench()
        let disk = FaultyFileSystem(only: "segments/seg-")
        let keeper = try write(bench, disk) { $0.add(.init("fdatasync", number: 1)) }
        #expect(bench.quarantined.count == 1)
        #expect(try verifyJournal(directory: bench.root).isClean)
        try check(bench, keeper, settled: [true, true, true])
    }

    @Test(arguments: ["fdatasync", "fsync", "write", "rename"], 1...5)
    func `the first failure is survived, the second ends the process`(
        _ operation: String, _ number: Int
    ) throws {
        let bench = Bench()
        let disk = FaultyFileSystem(only: "/segments")
        let once = try write(bench, disk) { $0.add(.init(operation, number: number)) }
        #expect(once.record.withLock { $0.fatal.isEmpty })
        try check(bench, once, settled: [true, true, true], independently: number == 2)

        let other = Bench()
        let failing = FaultyFileSystem(only: "/segments")
        let keeper = try write(other, failing) {
            $0.add(.init(operation, number: number, times: 1_000))
        }
        let record = keeper.record.withLock { $0 }
        let settled = record.settled.map(\.isDurable)
        // A failure that only met the last SEAL, or none at all, costs nothing.
        #expect(settled.count == 3)
        #expect(record.fatal.count == (settled == [true, true, true] ? 0 : 1))
        try check(other, keeper, settled: settled, independently: number == 1)
    }

    @Test func `writes may be cut short anywhere`() throws {
        let bench = Bench()
        let disk = FaultyFileSystem()
        disk.shortenWrites(to: 7)
        try check(bench, try write(bench, disk), settled: [true, true, true])
        #expect(try verifyJournal(directory: bench.root).events == 6)
    }

    @Test func `a crash at any call loses nothing acknowledged`() throws {
        var number = 1
        while true {
            let bench = Bench()
            let disk = FaultyFileSystem()
            let keeper = Keeper()
            var limits = Bench.limits
            limits.segmentBytes = 300
            if let journal = try? keeper.open(bench, disk, limits: limits) {
                disk.crash(atChange: number)
                try keeper.start(journal)
                for i in 0..<3 {
                    keeper.submit(journal, batch([event("\(i)-a"), event("\(i)-b")]))
                    keeper.waitUntilQuiet(journal)
                }
                journal.stop()
            }
            try check(
                bench, keeper, settled: keeper.record.withLock { $0.settled.map(\.isDurable) },
                independently: number % 5 == 0)
            if !disk.isCrashed { break }
            number += 1
        }
        #expect(number > 15)
    }

    @Test func `on a full disk the batch waits, and goes on when there is room`() throws {
        let bench = Bench()
        let disk = FaultyFileSystem(only: "/segments")
        let keeper = Keeper()
        var limits = Bench.limits
        limits.roomRetryNanoseconds = 1_000_000
        let journal = try keeper.open(bench, disk, limits: limits)
        try keeper.start(journal)
        keeper.submit(journal, batch([event("a")]))
        keeper.waitUntilQuiet(journal)
        disk.add(.init("write", number: 1, code: ENOSPC, times: 3))
        keeper.submit(journal, batch([event("b")]))
        keeper.waitUntilQuiet(journal)
        #expect(disk.count("truncate") == 3)
        journal.stop()
        let record = keeper.record.withLock { $0 }
        #expect(record.settled.map(\.isDurable) == [true, true])
        #expect(record.notices.filter { $0.contains("until there is room") }.count == 1)
        #expect(try verifyJournal(directory: bench.root).isClean)
    }

    @Test func `a full disk at the end gives the batch up and keeps the rest`() throws {
        let bench = Bench()
        let disk = FaultyFileSystem(only: "/segments")
        let keeper = Keeper()
        var limits = Bench.limits
        // The stop ends the wait, and is the only one who does.
        limits.roomRetryNanoseconds = 60_000_000_000
        let journal = try keeper.open(bench, disk, limits: limits)
        try keeper.start(journal)
        keeper.submit(journal, batch([event("a")]))
        keeper.waitUntilQuiet(journal)
        disk.add(.init("write", number: 1, code: ENOSPC, times: 2))
        keeper.submit(journal, batch([event("b")]))
        while !journal.isDiskLow { usleep(200) }
        journal.stop()
        #expect(keeper.record.withLock { $0.settled.map(\.isDurable) } == [true, false])
        #expect(try verifyJournal(directory: bench.root).isClean)
    }

    @Test func `the ballast gives way for the batch in hand, and is made again`() throws {
        let bench = Bench()
        let disk = FaultyFileSystem()
        disk.pretendFree(1 << 30)
        let keeper = Keeper()
        var limits = Bench.limits
        limits.ballastBytes = 1 << 20
        limits.lowWaterBytes = 1 << 20
        limits.housekeepingNanoseconds = 2_000_000
        let journal = try keeper.open(bench, disk, limits: limits)
        try keeper.start(journal)
        let ballast = bench.root + "/ballast"
        let posix = PosixFileSystem()
        while try posix.sizeOfFile(ballast) != 1 << 20 { usleep(200) }
        disk.pretendFree(1 << 10)
        while !journal.isDiskLow { usleep(200) }
        disk.add(.init("write", number: 1, code: ENOSPC))
        keeper.submit(journal, batch([event("a")]))
        keeper.waitUntilQuiet(journal)
        #expect(try posix.sizeOfFile(ballast) == nil)
        disk.pretendFree(1 << 30)
        while journal.isDiskLow { usleep(200) }
        #expect(try posix.sizeOfFile(ballast) == 1 << 20)
        // Who stopped reading because of the disk is told to go on.
        while keeper.record.withLock({ $0.reliefs }) == 0 { usleep(200) }
        journal.stop()
        #expect(keeper.record.withLock { $0.settled.map(\.isDurable) } == [true])
        #expect(try verifyJournal(directory: bench.root).isClean)
    }

    @Test(arguments: [(1, [2, 2, 2]), (2, [4, 2])])
    func
        `without descriptors the one in reserve makes the new segment, without it the old one grows on`(
            refusals: Int, lines: [Int]
        ) throws
    {
        let bench = Bench()
        let disk = FaultyFileSystem(only: "/segments")
        var limits = Bench.limits
        limits.segmentBytes = 1
        let keeper = try write(bench, disk, limits: limits) {
            $0.add(.init("create", number: 2, code: EMFILE, times: refusals))
        }
        let report = try verifyJournal(directory: bench.root)
        #expect(report.segments.map(\.lineCount) == lines)
        try check(bench, keeper, settled: [true, true, true])
    }
}
