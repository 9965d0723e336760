import Engagement
import Journal
import Synchronization
import TestSupport
import Testing

@testable import Rollup

/// Lines that retention has deleted from the log, though the window still reaches them: the index
/// files alone know their ids.
@Suite struct RetiredLinesTests {
    private let files = MemoryFiles()

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `live, restarted, or rebuilt from any snapshot, the verdicts are those of the rule`(
        seed: UInt64
    ) throws {
        var rng = SeededRNG(seed)
        let window = UInt64.random(in: 5...60, using: &rng)
        let chunkSeqs = UInt64.random(in: 1...40, using: &rng)
        let scene = Repetitions(&rng, count: 400, window: window)
        let batches = scene.batches(lines: Int.random(in: 1...9, using: &rng))
        let log = MemoryLog()
        var store = FakeStore()
        var ids = Retiring.index(files, chunkSeqs: chunkSeqs)
        var live = try Retiring.folder(log, store, ids, window: window)
        var snapshots: [FakeStore.State] = []
        var retired = 0
        for (at, batch) in batches.enumerated() {
            log.append(batch)
            try live.take(batch)
            if rng.oneIn(4) { try live.flush() }
            if rng.oneIn(5) {
                snapshots = snapshots.suffix(1) + [store.state.withLock { $0 }]
            }
            if rng.oneIn(4), let oldest = snapshots.first?.stored.progress.lastSeq {
                // The whole rule, with what the log would lose of it.
                let counted = min(oldest, store.progress.lastSeq)
                let free = min(counted, log.watermark - 1)
                let last = UInt64.random(in: 0...free, using: &rng)
                let from = counted >= window ? counted - window + 1 : 1
                ids.keep(from: from, through: 0)
                if last >= max(from, log.first) {
                    try ids.secure(from...last, from: log, idKey: Retiring.key)
                }
                log.retire(through: last)
                retired = max(retired, Int(log.first) - 1)
            }
            if rng.oneIn(12), let snapshot = snapshots.randomElement(using: &rng) {
                try rebuild(
                    snapshot, log, Array(batches[(at + 1)...]), window, chunkSeqs,
                    expecting: scene.duplicates())
            }
            if rng.oneIn(8) {
                if rng.oneIn(2) { live.storeIDs() }
                if rng.oneIn(3), let snapshot = snapshots.randomElement(using: &rng) {
                    store = FakeStore(snapshot)
                }
                ids = Retiring.index(files, chunkSeqs: chunkSeqs)
                live = try Retiring.folder(log, store, ids, window: window)
                #expect(live.forgottenIDs == 0)
            }
        }
        try live.flush()
        #expect(store.dropped == scene.duplicates(), "seed \(seed), window \(window)")
        #expect(retired > 150, "seed \(seed)")
    }

    /// On a copy of all files, as after a restored backup, and then on to the end.
    private func rebuild(
        _ snapshot: FakeStore.State, _ log: MemoryLog, _ rest: [Batch], _ window: UInt64,
        _ chunkSeqs: UInt64, expecting expected: [UInt64]
    ) throws {
        let copy = MemoryLog()
        try log.read(from: 1, through: .max) { copy.append($0) }
        let store = FakeStore(snapshot)
        let other = try Retiring.folder(
            copy, store, Retiring.index(MemoryFiles(files), chunkSeqs: chunkSeqs), window: window)
        for batch in rest {
            copy.append(batch)
            try other.take(batch)
        }
        try other.flush()
        #expect(store.dropped == expected, "from \(snapshot.stored.progress.lastSeq)")
    }

    @Test func `files of retired lines stay as long as a snapshot's window reaches them`() throws {
        let log = MemoryLog(pageViews(1...100))
        let store = FakeStore()
        let ids = Retiring.index(files)
        let live = try Retiring.folder(log, store, ids, window: 20)
        // A snapshot at 50 asks for 31 and on; the ledger itself is at 100.
        try ids.secure(31...50, from: log, idKey: Retiring.key)
        log.retire(through: 50)
        for batch in pageViews(101...300) {
            log.append(batch)
            try live.take(batch)
            try live.flush()
        }
        #expect(
            files.names.filter { $0 < IDIndex.name(60) } == [
                IDIndex.name(17), IDIndex.name(33), IDIndex.name(49),
            ])
        // A start keeps all that may be needed, until retention says how much that is.
        let again = Retiring.index(files)
        let next = try Retiring.folder(log, store, again, window: 20)
        #expect(
            files.names.filter { $0 < IDIndex.name(60) } == [
                IDIndex.name(17), IDIndex.name(33), IDIndex.name(49),
            ])
        again.keep(from: 49, through: 0)
        for batch in pageViews(301...340) {
            log.append(batch)
            try next.take(batch)
            try next.flush()
        }
        #expect(files.names.filter { $0 < IDIndex.name(60) } == [IDIndex.name(49)])
    }

    /// A log that went on differently behind 70, where the file goes on to 80.
    @Test(arguments: [true, false])
    func
        `of a file that goes on differently the retired part is believed if it begins like the log`(
            beginsAlike: Bool
        ) throws
    {
        let old = MemoryLog(pageViews(1...80))
        _ = try Retiring.index(files, chunkSeqs: 100).rebuildAll(
            from: old, idKey: Retiring.key, window: 100)
        let log = MemoryLog(
            pageViews(1...80) { $0 > (beginsAlike ? 70 : 0) ? "new\($0)" : "e\($0)" })
        log.retire(through: 50)
        let store = FakeStore()
        store.state.withLock { $0.stored.progress.lastSeq = 80 }
        let ids = Retiring.index(files, chunkSeqs: 100)
        let after = try Retiring.folder(log, store, ids)
        #expect(after.forgottenIDs == (beginsAlike ? 0 : 50))
        let more = pageViews(81...84) { [81: "e5", 82: "e75", 83: "new75"][$0] ?? "e\($0)" }
        for batch in more {
            log.append(batch)
            try after.take(batch)
        }
        try after.flush()
        #expect(store.dropped == (beginsAlike ? [81, 83] : [83]))
    }
}
