import Engagement
import Glibc
import Journal
import Synchronization
import TestSupport
import Testing

/// Retention takes the oldest sealed segments, and nothing that somebody answers for needing.
@Suite struct RetentionTests {
    static let day: Int64 = 86_400_000
    static let began: Int64 = 1_767_225_600_000

    /// Five sealed segments of two lines each, a day apart.
    private func log(_ bench: Bench) throws {
        for day in 0..<5 {
            let clock = FakeClock(wallMilliseconds: Self.began + Int64(day) * Self.day)
            _ = try Keeper.write(
                bench, [batch([event("\(day)-a"), event("\(day)-b")])], clock: clock)
        }
    }

    private func retention(
        _ bench: Bench, _ disk: any FileSystem = PosixFileSystem(), days: Int64? = nil,
        bytes: Int? = nil
    ) -> Retention {
        Retention(
            directory: DataDirectory(bench.root), fileSystem: disk,
            limits: .init(ageMilliseconds: days.map { $0 * Self.day }, bytes: bytes))
    }

    @Test func `without limits everything stays for ever`() throws {
        let bench = Bench()
        try log(bench)
        #expect(try retention(bench).due(now: .max / 2) == Retention.Due())
    }

    @Test(arguments: [(0, 4), (1, 3), (3, 1), (4, 0), (400, 0)])
    func `what was received longer ago than the age is due, the newest never`(
        _ days: Int, _ count: Int
    ) throws {
        let bench = Bench()
        try log(bench)
        let due = try retention(bench, days: Int64(days)).due(now: Self.began + 4 * Self.day)
        #expect(due.segments.map(\.firstSeq) == Array([1, 3, 5, 7].prefix(count)))
        #expect(due.segments.map(\.lastSeq) == Array([2, 4, 6, 8].prefix(count)))
        #expect(due.blockedBy == nil)
    }

    @Test func `by bytes the oldest go until the rest fits`() throws {
        let bench = Bench()
        try log(bench)
        let sizes = bench.files("segments").sorted { $0.key < $1.key }.map(\.value.count)
        let total = sizes.reduce(0, +)
        #expect(try retention(bench, bytes: total).due(now: 0).segments.isEmpty)
        #expect(try retention(bench, bytes: total - 1).due(now: 0).segments.count == 1)
        #expect(try retention(bench, bytes: total - sizes[0] - 1).due(now: 0).segments.count == 2)
        #expect(try retention(bench, bytes: 1).due(now: 0).segments.count == 4)
    }

    @Test func `an unsealed or damaged segment keeps all later ones`() throws {
        let bench = Bench()
        try log(bench)
        let third = try #require(bench.files("segments").keys.sorted().dropFirst(2).first)
        var bytes = try #require(bench.files("segments")[third])
        bytes[bytes.count - 1] ^= 1
        bench.write(bytes, "segments/" + third)
        let due = try retention(bench, bytes: 1).due(now: 0)
        #expect(due.segments.map(\.firstSeq) == [1, 3])
        #expect(due.blockedBy == third)
    }

    @Test(arguments: 0...9)
    func `only segments wholly at or below the given seq go`(_ seq: Int) throws {
        let bench = Bench()
        try log(bench)
        let retention = retention(bench, bytes: 1)
        var gone: [UInt64] = []
        try retention.retire(try retention.due(now: 0), through: UInt64(seq)) {
            gone.append($0.lastSeq)
        }
        #expect(gone == [2, 4, 6, 8].filter { $0 <= seq })
        #expect(bench.files("segments").count == 5 - gone.count)
        // What is left is one sound piece.
        #expect(try verifyJournal(directory: bench.root).isClean)
        if let (code, text) = try independentVerdict(bench.root) { #expect(code == 0, "\(text)") }
    }

    @Test func `each deletion is durable before the next`() throws {
        let bench = Bench()
        try log(bench)
        let disk = FaultyFileSystem()
        let retention = retention(bench, disk, bytes: 1)
        // Before the first unlink, and behind it.
        disk.add(.init("fsync", number: 2))
        var gone = 0
        #expect(throws: FileError.self) {
            try retention.retire(try retention.due(now: 0), through: .max) { _ in gone += 1 }
        }
        #expect(disk.count("unlink") == 1)
        #expect(gone == 0)
        #expect(bench.files("segments").count == 4)
        // Nor does a later run delete more while that one may come back.
        disk.add(.init("fsync", number: 1))
        #expect(throws: FileError.self) {
            try retention.retire(try retention.due(now: 0), through: .max) { _ in gone += 1 }
        }
        #expect(disk.count("unlink") == 1)
        try retention.retire(try retention.due(now: 0), through: .max) { _ in gone += 1 }
        #expect(gone == 3)
    }

    @Test func `a reader passes over a segment that goes as it comes to it`() throws {
        let bench = Bench()
        try log(bench)
        let disk = FaultyFileSystem(
            [.init("open", number: 1, code: ENOENT)], only: "/segments/seg-")
        var seqs: [UInt64] = []
        try DurableReader(segments: bench.segments, fileSystem: disk)
            .read(from: 1, through: 10) { seqs += $0.firstSeq...$0.lastSeq }
        #expect(seqs == Array(3...10))
    }

    @Test func `a log whose start was retired goes on`() throws {
        let bench = Bench()
        try log(bench)
        let retention = retention(bench, bytes: 1)
        try retention.retire(try retention.due(now: 0), through: 4) { _ in }
        let keeper = try Keeper.write(bench, [batch([event("new")])])
        #expect(keeper.record.withLock { $0.durable.map(\.firstSeq) } == [11])
        #expect(try verifyJournal(directory: bench.root).isClean)
    }
}
