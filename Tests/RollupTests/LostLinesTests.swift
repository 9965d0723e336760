import Engagement
import Rollup
import TestSupport
import Testing

/// Lines that the log has lost to damage after they were counted. The files still know their ids:
/// who repeats one is a duplicate, so no event is ever counted twice.
@Suite struct LostLinesTests {
    private let files = MemoryFiles()
    private var ids: IDIndex {
        IDIndex(directory: "ids", fileSystem: files, chunkSeqs: 16, checkedLines: 4)
    }

    private func folder(_ log: MemoryLog, _ store: FakeStore, window: UInt64, ids: IDIndex?)
        throws -> Folder
    {
        let folder = try Folder(
            log: log, store: store, idKey: FolderTests.key, window: window, ids: ids)
        try folder.rebuild()
        try folder.catchUp(through: log.watermark)
        return folder
    }

    /// Lines 1 to 40 are counted, then 1 to 10 are lost, and 41 repeats 5.
    @Test(arguments: [false, true])
    func `after a start the files remember a lost line, and the log alone can't`(
        hasFiles: Bool
    ) throws {
        let batches = pageViews(1...50) { $0 == 41 ? "e5" : "e\($0)" }
        let store = FakeStore()
        let ids = hasFiles ? ids : nil
        try folder(MemoryLog(Array(batches[..<4])), store, window: 100, ids: ids).storeIDs()
        _ = try folder(MemoryLog(Array(batches[1...])), store, window: 100, ids: ids)
        #expect(store.dropped == (hasFiles ? [41] : []))
    }

    @Test func `a running roll-up says the same long after it has seen the lost line`() throws {
        let count: UInt64 = 40_000
        let batches = pageViews(1...count, batchLines: 500) { $0 == count ? "e5" : "e\($0)" }
        let log = MemoryLog(Array(batches[1...]))
        let store = FakeStore()
        let live = try Folder(
            log: log, store: store, idKey: FolderTests.key, window: count)
        for batch in batches { try live.take(batch) }
        try live.flush()
        #expect(store.dropped == [count])
    }

    /// With the longest window the set of ids holds 36 bits of a hash; two ids that share them are
    /// found among a million.
    @Test func `a new id that shares bits with a lost one counts`() throws {
        let window: UInt64 = 1 << 27
        let pair = try #require(Self.pair(sharing: 36))
        let store = FakeStore()
        let batches = pageViews(1...50) { [5: pair.0, 41: pair.1, 42: pair.0][$0] ?? "e\($0)" }
        try folder(MemoryLog(Array(batches[..<4])), store, window: window, ids: ids).storeIDs()
        _ = try folder(MemoryLog(Array(batches[1...])), store, window: window, ids: ids)
        #expect(store.dropped == [42])
    }

    /// Two ids of the site whose hashes begin alike and go on differently.
    private static func pair(sharing bits: UInt64) -> (String, String)? {
        func hash(_ text: String, seed: UInt64 = 0) -> UInt64 {
            var text = text
            return text.withUTF8 { FolderTests.key.hash($0.baseAddress!, $0.count, seed: seed) }
        }
        let site = hash("shop")
        var found: [UInt64: Int] = [:]
        for number in 1...2_000_000 {
            let bits = hash("x\(number)", seed: site) >> (64 - bits)
            if let other = found.updateValue(number, forKey: bits) {
                return ("x\(other)", "x\(number)")
            }
        }
        return nil
    }

    /// 41 repeats 5, which is lost; 42 repeats 12, which is there and close behind it.
    @Test func `what the log still holds is found beside what it has lost`() throws {
        let batches = pageViews(1...50) { [41: "e5", 42: "e12", 43: "e13"][$0] ?? "e\($0)" }
        let store = FakeStore()
        try folder(MemoryLog(Array(batches[..<4])), store, window: 100, ids: ids).storeIDs()
        let damaged = MemoryLog([batches[0].slice(0, 2)] + batches[1...])
        _ = try folder(damaged, store, window: 100, ids: ids)
        #expect(store.dropped == [41, 42, 43])
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `whatever is lost after it was counted, the verdicts stay those of the rule`(
        seed: UInt64
    ) throws {
        var rng = SeededRNG(seed)
        let window = UInt64.random(in: 5...60, using: &rng)
        let scene = Repetitions(&rng, count: 300, window: window)
        let store = FakeStore()
        var held: [Batch] = []
        var log = MemoryLog()
        var live = try folder(log, store, window: window, ids: ids)
        for batch in scene.batches(lines: Int.random(in: 1...20, using: &rng)) {
            held.append(batch)
            log.append(batch)
            try live.take(batch)
            if rng.oneIn(4) {
                try live.flush()
                live.storeIDs()
                // The newest stays: without it the log would end earlier.
                held = held.dropLast().filter { _ in !rng.oneIn(6) } + [batch]
                log = MemoryLog(held)
                live = try folder(log, store, window: window, ids: ids)
            }
        }
        try live.flush()
        #expect(store.dropped == scene.duplicates(), "seed \(seed), window \(window)")
    }
}
