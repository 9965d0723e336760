import Engagement
import Rollup
import TestSupport
import Testing

/// One rule decides who is a duplicate, and nothing that a start reads changes a verdict: not where
/// it cuts the stream, not what has become of the index files.
@Suite struct ExactlyOnceTests {
    enum Way: UInt64, CaseIterable {
        /// One process from the first line to the last.
        case live
        /// Started again and again, from the log alone.
        case log
        /// Started again and again with index files.
        case files
        /// As before, and the files are harmed in between.
        case harmedFiles
    }

    static let otherKey = HashKey(a: 3, b: 5)

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func
        `live, restarted, with index files or with broken ones: the verdicts are those of the rule`(
            seed: UInt64
        ) throws
    {
        var rng = SeededRNG(seed)
        let window = UInt64.random(in: 5...60, using: &rng)
        let scene = Repetitions(&rng, count: 300, window: window)
        let chunkSeqs = UInt64.random(in: 1...40, using: &rng)
        let checkedLines = UInt64.random(in: 1...8, using: &rng)
        let harm = try Harm(scene, chunkSeqs: chunkSeqs, &rng)
        let batches = scene.batches(lines: Int.random(in: 1...40, using: &rng))
        let expected = scene.duplicates()
        #expect(expected.count > 30)
        for way in Way.allCases {
            let folder = MemoryFiles()
            let ids = IDIndex(
                directory: "ids", fileSystem: folder, chunkSeqs: chunkSeqs,
                checkedLines: checkedLines)
            let dropped = try run(
                batches, window: window, rng: SeededRNG(seed << 8 | way.rawValue),
                restarts: way != .live,
                ids: way == .files || way == .harmedFiles ? ids : nil,
                harm: { if way == .harmedFiles { harm.strike(folder, &$0) } })
            #expect(dropped == expected, "seed \(seed), window \(window), \(way)")
        }
    }

    /// - Returns: the seqs dropped.
    private func run(
        _ batches: [Batch], window: UInt64, rng: SeededRNG, restarts: Bool, ids: IDIndex?,
        harm: (inout SeededRNG) -> Void
    ) throws -> [UInt64] {
        var rng = rng
        let log = MemoryLog()
        let store = FakeStore()
        func start() throws -> Folder {
            let folder = try Folder(
                log: log, store: store, idKey: FolderTests.key, window: window, ids: ids)
            try folder.rebuild()
            try folder.catchUp(through: log.watermark)
            return folder
        }
        var folder = try start()
        for batch in batches {
            log.append(batch)
            let diesBefore = restarts && rng.oneIn(12)
            if !diesBefore { try folder.take(batch) }
            if rng.oneIn(4) { try folder.flush() }
            if diesBefore || restarts && rng.oneIn(8) {
                if rng.oneIn(2) { folder.storeIDs() }
                harm(&rng)
                folder = try start()
            }
        }
        try folder.flush()
        return store.dropped
    }

    /// A log set back to an earlier state, as by a restored backup, which then went on with other
    /// lines; the index files beside it are of the lines that are gone.
    @Test(arguments: 1...8 as ClosedRange<UInt64>, [false, true])
    func `a log that was set back and went on differently gets the verdicts of its own lines`(
        seed: UInt64, grewWithoutIndex: Bool
    ) throws {
        var rng = SeededRNG(seed)
        let window: UInt64 = 40
        let new = Repetitions(&rng, count: 250, window: window)
        let setBack = Int.random(in: 0...200, using: &rng)
        let folder = MemoryFiles()
        let ids = IDIndex(
            directory: "ids", fileSystem: folder, chunkSeqs: 16, checkedLines: 3)
        _ = try ids.rebuildAll(
            from: MemoryLog(new.forked(after: setBack).batches(lines: 9)),
            idKey: FolderTests.key, window: window)

        let store = FakeStore()
        let log = MemoryLog()
        var grown = setBack
        if grewWithoutIndex { grown = Int.random(in: setBack...250, using: &rng) }
        for (at, batch) in new.batches(lines: 1).enumerated() {
            log.append(batch)
            guard at + 1 == grown else { continue }
            // The ledger that is left counts some of them.
            let old = try Folder(
                log: log, store: store, idKey: FolderTests.key, window: window)
            try old.catchUp(through: UInt64.random(in: 0...log.watermark, using: &rng))
            let started = try Folder(
                log: log, store: store, idKey: FolderTests.key, window: window, ids: ids)
            try started.rebuild()
            try started.catchUp(through: log.watermark)
        }
        let last = try Folder(
            log: log, store: store, idKey: FolderTests.key, window: window, ids: ids)
        try last.rebuild()
        try last.catchUp(through: log.watermark)
        #expect(store.dropped == new.duplicates(), "seed \(seed), set back to \(setBack)")
    }
}

/// What can become of index files between two runs.
private struct Harm {
    private let foreign = MemoryFiles()
    private let stale = MemoryFiles()
    private let future = MemoryFiles()

    init(_ scene: Repetitions, chunkSeqs: UInt64, _ rng: inout SeededRNG) throws {
        let log = MemoryLog(scene.batches(lines: 50))
        let fork = Int.random(in: 0...scene.names.count, using: &rng)
        let forked = MemoryLog(scene.forked(after: fork).batches(lines: 50))
        func make(_ folder: MemoryFiles, _ log: MemoryLog, _ key: HashKey) throws {
            let ids = IDIndex(directory: "ids", fileSystem: folder, chunkSeqs: chunkSeqs)
            _ = try ids.rebuildAll(from: log, idKey: key, window: log.watermark)
        }
        try make(foreign, log, ExactlyOnceTests.otherKey)
        try make(stale, forked, FolderTests.key)
        try make(future, log, FolderTests.key)
    }

    func strike(_ folder: MemoryFiles, _ rng: inout SeededRNG) {
        for name in folder.names {
            guard let bytes = folder[name] else { continue }
            switch Int.random(in: 0..<14, using: &rng) {
            case 0: folder[name] = nil
            case 1: folder[name] = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &rng)))
            case 2: folder[name]![Int.random(in: 0..<bytes.count, using: &rng)] ^= 1 << 4
            case 3: folder[name] = bytes + [0, 0, 0, 0, 0, 0, 0, 0]
            case 4: folder[name] = foreign[name]
            case 5, 6: folder[name] = stale[name]
            case 7: folder[name] = future[name]
            case 8: folder[name] = folder[folder.names.randomElement(using: &rng)!]
            case 9: folder[name + ".tmp"] = bytes
            default: break
            }
        }
        // Files of seqs that are to come.
        if rng.oneIn(3), let name = future.names.randomElement(using: &rng) {
            folder[name] = future[name]
        }
    }
}
