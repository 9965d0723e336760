import Engagement
import Journal
import TestSupport
import Testing

/// Old segments are packed more tightly, each once, and nothing else about them changes.
@Suite struct RecompactionTests {
    private static let start: Int64 = 1_767_225_600_000

    /// Segments of one life each, a second apart, with lines as senders write them.
    private func log(
        _ bench: Bench, segments: Int = 3, members: Int = 3, lines: Int = 200
    ) throws {
        var rng = SeededRNG(11)
        for life in 0..<segments {
            let batches = (0..<members).map { _ in
                batch(
                    (0..<lines).map { _ in
                        event(
                            "ev-\(rng.next())",
                            extra: ",\"url\":\"https://shop.example/p/\(rng.next() % 977)\"")
                    })
            }
            _ = try Keeper.write(
                bench, batches,
                clock: FakeClock(wallMilliseconds: Self.start + Int64(life) * 1_000))
        }
    }

    private func recompaction(
        _ bench: Bench, _ packing: SegmentRewriter.Packing = .tight, lowWaterBytes: Int = 0
    ) -> Recompaction {
        Recompaction(
            SegmentRewriter(directory: DataDirectory(bench.root), packing: packing),
            lowWaterBytes: lowWaterBytes)
    }

    @discardableResult
    private func packAll(_ bench: Bench) throws -> [SegmentRewriter.Change?] {
        let recompaction = recompaction(bench)
        return try recompaction.due(before: .max, through: .max - 1).map {
            try recompaction.pack($0)
        }
    }

    @Test func `the same lines take less room, and the log holds`() throws {
        let bench = Bench()
        try log(bench)
        let (before, old) = (try bench.lines(), bench.files("segments"))
        let changes = try packAll(bench).map { try #require($0) }
        #expect(try bench.lines() == before)
        let new = bench.files("segments")
        #expect(new.keys.sorted() == old.keys.sorted())
        for (name, change) in zip(new.keys.sorted(), changes) {
            #expect(change.changedLines == 0)
            #expect(change.bytesBefore == old[name]?.count)
            #expect(change.bytesAfter == new[name]?.count)
            #expect(change.bytesAfter * 10 < change.bytesBefore * 9)
        }
        try bench.expectSound(generations: [1, 1, 1])
    }

    @Test(
        .enabled(
            if: MemberCodec(backend: .libdeflate) != nil,
            "zlib itself makes members apart half a percent larger: install libdeflate-dev"))
    func `they take no more than the best of zlib for all in one piece`() throws {
        let bench = Bench()
        try log(bench, segments: 1, members: 8, lines: 1_000)
        try packAll(bench)
        let text = Array((try bench.lines().joined(separator: "\n") + "\n").utf8)
        let codec = try #require(MemberCodec(backend: .zlib, level: 9))
        var room = [UInt8](repeating: 0, count: text.count)
        let whole = try text.withUnsafeBytes { text in
            try room.withUnsafeMutableBytes { try codec.deflate(text, into: $0) }
        }
        #expect(text.count > 1 << 20)
        #expect(try #require(bench.files("segments").values.first).count <= whole)
    }

    @Test func `each is packed once, by whatever process`() throws {
        let bench = Bench()
        try log(bench)
        let recompaction = recompaction(bench)
        let names = try recompaction.due(before: .max, through: .max - 1)
        #expect(names == bench.segmentNames)
        for name in names { #expect(try recompaction.pack(name) != nil) }
        let packed = bench.files("segments")
        #expect(try recompaction.due(before: .max, through: .max - 1) == [])
        // Another process doesn't know that, and finds it out.
        #expect(try packAll(bench) == [nil, nil, nil])
        #expect(bench.files("segments") == packed)
    }

    @Test func `what an erasure wrote in haste is packed, also after it was packed before`() throws
    {
        let bench = Bench()
        try log(bench)
        let recompaction = recompaction(bench)
        let names = bench.segmentNames
        _ = try recompaction.pack(names[0])
        let hasty = SegmentRewriter(directory: DataDirectory(bench.root), packing: .fast)
        var edit = ChosenEdit.renaming([3, 700])
        for name in names { _ = try hasty.rewrite(name, &edit) }
        #expect(try recompaction.due(before: .max, through: .max - 1) == names)
        let lines = try bench.lines()
        #expect(try names.map { try recompaction.pack($0)?.generation } == [3, 2, 1])
        #expect(try bench.lines() == lines)
        try bench.expectSound(generations: [3, 2, 1])
        #expect(try packAll(bench) == [nil, nil, nil])
    }

    @Test func `only what is old enough and closed is due`() throws {
        let bench = Bench()
        try log(bench, members: 1, lines: 2)
        let keeper = Keeper()
        let journal = try keeper.open(bench)
        try keeper.start(journal)
        keeper.submit(journal, batch([event("now")]))
        keeper.waitUntilQuiet(journal)
        let names = bench.segmentNames
        #expect(names.count == 4)
        let recompaction = recompaction(bench)
        func due(_ time: Int64, _ seq: UInt64) throws -> [String] {
            try recompaction.due(before: time, through: seq)
        }
        #expect(try due(Self.start - 1, 7) == [])
        #expect(try due(Self.start, 7) == Array(names[..<1]))
        #expect(try due(Self.start + 1_000, 7) == Array(names[..<2]))
        #expect(try due(.max, 5) == Array(names[..<2]))
        #expect(try due(.max, 7) == Array(names[..<3]))
        #expect(throws: SegmentRefusal.unsealed(names[3])) { try recompaction.pack(names[3]) }
        journal.stop()
        #expect(try due(.max, 7) == names)
    }

    @Test func `a damaged segment stays as it is, is named, and isn't read again`() throws {
        let bench = Bench()
        try log(bench)
        let name = bench.segmentNames[1]
        var bytes = try #require(bench.files("segments")[name])
        bytes[1_000] ^= 0x10
        bench.write(bytes, "segments/" + name)
        let recompaction = recompaction(bench)
        var refused: [String] = []
        for name in try recompaction.due(before: .max, through: .max - 1) {
            do { _ = try recompaction.pack(name) } catch {
                guard case .damaged(let damages) = error else { throw error }
                refused += damages.map(\.file)
            }
        }
        #expect(refused == [name])
        #expect(bench.files("segments")[name] == bytes)
        #expect(try recompaction.due(before: .max, through: .max - 1) == [])
        #expect(try verifyJournal(directory: bench.root).segments.map(\.generation) == [1, 0, 1])
    }

    @Test func `it lets go of a file between any two members`() throws {
        let bench = Bench()
        try log(bench, members: 2, lines: 5)
        let old = bench.files("segments")
        let recompaction = recompaction(bench)
        for limit in 0... {
            var asked = 0
            do {
                let change = try recompaction.pack(bench.segmentNames[1]) {
                    asked += 1
                    return asked > limit
                }
                #expect(change != nil)
                break
            } catch {
                #expect(error == .stopped)
                #expect(bench.files("segments") == old)
            }
        }
        try bench.expectSound(generations: [0, 1, 0])
    }

    @Test func `without room on the disk nothing is begun`() throws {
        let bench = Bench()
        try log(bench, segments: 1)
        let old = bench.files("segments")
        let recompaction = recompaction(bench, lowWaterBytes: .max / 2)
        #expect {
            try recompaction.pack(bench.segmentNames[0])
        } throws: { error in
            guard case .disk(let error)? = error as? SegmentRefusal else { return false }
            return error.isNoRoom
        }
        #expect(bench.files("segments") == old)
        // When there is room it is due as before.
        #expect(try recompaction.due(before: .max, through: .max - 1) == bench.segmentNames)
    }

    @Test func `a segment that retention deleted doesn't come back`() throws {
        let bench = Bench()
        try log(bench, members: 1, lines: 2)
        let recompaction = recompaction(bench)
        let names = try recompaction.due(before: .max, through: .max - 1)
        let retention = Retention(
            directory: DataDirectory(bench.root), fileSystem: PosixFileSystem(),
            limits: .init(bytes: 1))
        try retention.retire(try retention.due(now: 0), through: 2) { _ in }
        #expect(throws: SegmentRefusal.gone) { try recompaction.pack(names[0]) }
        #expect(bench.files("segments").keys.sorted() == Array(names[1...]))
    }
}
