import Engagement
import Rollup
import Synchronization
import TestSupport
import Testing

/// A log in which more can be read than is durable, as in a file that is being written.
private final class GrowingLog: DurableLog {
    private let stored: MemoryLog
    private let durable: Atomic<UInt64>

    init(_ stored: MemoryLog, durable: UInt64) {
        self.stored = stored
        self.durable = Atomic(durable)
    }

    var watermark: UInt64 { durable.load(ordering: .relaxed) }

    var first: UInt64 { stored.first }

    func grow(to seq: UInt64) { durable.store(seq, ordering: .relaxed) }

    func read(from: UInt64, through: UInt64, into: (Batch) throws -> Void) throws {
        try stored.read(from: from, through: through, into: into)
    }
}

@Suite struct WatermarkTests {
    @Test func `nothing behind the watermark is counted, at a start or at a stop`() throws {
        let stored = MemoryLog(pageViews(1...2_000, batchLines: 50))
        let store = FakeStore()
        let log = GrowingLog(stored, durable: 500)
        let loop = try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, recycle: { _ in })
        try loop.start()
        #expect(store.progress.applied == 500)
        // Never offered: only the stop finds it.
        log.grow(to: 1_000)
        try loop.stop()
        #expect(store.progress.applied == 1_000)
    }
}
