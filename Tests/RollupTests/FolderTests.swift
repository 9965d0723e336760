import Engagement
import Rollup
import Synchronization
import TestSupport
import Testing

@Suite struct FolderTests {
    static let key = HashKey(a: 7, b: 9)

    private func folder(_ log: MemoryLog, _ store: FakeStore, window: UInt64 = 1_000) throws
        -> Folder
    {
        try Folder(log: log, store: store, idKey: Self.key, window: window)
    }

    @Test func `a repeated id is dropped, near and far`() throws {
        let far: UInt64 = 40_000
        let batches = pageViews(1...far, batchLines: 500) { seq in
            seq == 30 ? "e28" : seq == far ? "e5" : "e\(seq)"
        }
        let store = FakeStore()
        let folder = try folder(MemoryLog(batches), store, window: far)
        try folder.catchUp(through: far)
        #expect(store.progress.duplicates == 2)
        #expect(store.progress.applied == Int64(far) - 2)
        #expect(store.progress.lastSeq == far)
    }

    /// Kept at 1, dropped at 9, and again at 12 with a window of 10: the one dropped was never
    /// kept, so after a restart 12 must still count.
    @Test(arguments: [false, true])
    func `a dropped line is not kept after a restart either`(restart: Bool) throws {
        let batches = pageViews(1...20, batchLines: 10) {
            [1, 9, 12].contains($0) ? "same" : "e\($0)"
        }
        let store = FakeStore()
        let log = MemoryLog(batches)
        var folder = try folder(log, store, window: 10)
        try folder.take(batches[0])
        try folder.flush()
        if restart {
            folder = try self.folder(log, store, window: 10)
            try folder.rebuild()
        }
        try folder.take(batches[1])
        try folder.flush()
        #expect(store.progress.duplicates == 1)
        #expect(store.progress.applied == 19)
    }

    @Test
    func `a line whose natural key can't be asked for is taken again and not its own duplicate`()
        throws
    {
        let batches = pageViews(1...5, type: "order")
        let store = FakeStore()
        let folder = try folder(MemoryLog(batches), store)
        store.state.withLock { $0.keyFailures = 1 }
        #expect(throws: FakeStore.Broken.self) { try folder.take(batches[0]) }
        try folder.take(batches[0])
        try folder.flush()
        // One order "o": the others repeat its natural key.
        #expect(store.progress.applied == 1)
        #expect(store.progress.duplicates == 4)
        #expect(store.progress.lastSeq == 5)
    }

    @Test func `a delta that can't be applied is kept and applied later`() throws {
        let batches = pageViews(1...9)
        let store = FakeStore()
        let folder = try folder(MemoryLog(batches), store)
        try folder.take(batches[0])
        store.state.withLock { $0.failures = 2 }
        #expect(throws: FakeStore.Broken.self) { try folder.flush() }
        #expect(throws: FakeStore.Broken.self) { try folder.flush() }
        try folder.flush()
        try folder.flush()
        #expect(store.views == ["c/k0": 3, "c/k1": 3, "c/k2": 3])
        #expect(folder.stored.applied == 9)
    }

    @Test func `what was folded is not folded again, what is missing is counted`() throws {
        let batches = pageViews(1...10) + pageViews(31...40)
        let store = FakeStore()
        let folder = try folder(MemoryLog(batches), store)
        try folder.take(batches[0])
        try folder.take(batches[0])
        try folder.take(batches[1])
        try folder.flush()
        #expect(store.progress.applied == 20)
        #expect(folder.missing == 20)
        #expect(folder.next == 41)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `any cut, flush and restart gives the same counts`(seed: UInt64) throws {
        var rng = SeededRNG(seed)
        let window = UInt64.random(in: 5...200, using: &rng)
        var ids: [String] = []
        for seq in 0..<2_000 {
            ids.append(rng.oneIn(4) && seq > 0 ? ids.randomElement(using: &rng)! : "e\(seq)")
        }
        let batches = pageViews(1...2_000, batchLines: 37) { ids[Int($0) - 1] }
        let log = MemoryLog(batches)
        let whole = FakeStore()
        try folder(log, whole, window: window).catchUp(through: 2_000)
        let cut = FakeStore()
        var folder = try folder(log, cut, window: window)
        for batch in batches {
            try folder.take(batch)
            if rng.oneIn(6) { try folder.flush() }
            if rng.oneIn(12) {
                folder = try self.folder(log, cut, window: window)
                try folder.rebuild()
                try folder.catchUp(through: batch.lastSeq)
            }
        }
        try folder.flush()
        #expect(cut.progress == whole.progress, "seed \(seed)")
        #expect(cut.views == whole.views, "seed \(seed)")
    }
}
