import Engagement
import Rollup
import Synchronization
import TestSupport
import Testing

/// Counters come late rather than that datagrams are lost; but they come.
@Suite(.timeLimit(.minutes(20)))
struct MakingWayTests {
    private func loop(
        _ log: MemoryLog, _ store: FakeStore, wayMilliseconds: UInt64,
        givesWay: @escaping @Sendable () -> Bool
    ) throws -> RollupLoop {
        var settings = RollupSettings()
        settings.flushMilliseconds = 20
        settings.queueBytes = 100_000
        settings.patienceMilliseconds = 3_600_000
        settings.wayMilliseconds = wayMilliseconds
        return try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, settings: settings,
            recycle: { _ in }, givesWay: givesWay)
    }

    @Test func `nothing is counted while way has to be made, and all of it once that is over`()
        async throws
    {
        let log = MemoryLog()
        let store = FakeStore()
        let isPressed = Atomic(true)
        let asked = Atomic(0)
        let loop = try loop(log, store, wayMilliseconds: 3_600_000) {
            asked.add(1, ordering: .relaxed)
            return isPressed.load(ordering: .relaxed)
        }
        try loop.start()
        for batch in pageViews(1...2_000, batchLines: 50) {
            log.append(batch)
            // With a full queue, too, nobody waits here.
            loop.offer(batch)
        }
        let before = asked.load(ordering: .relaxed)
        while asked.load(ordering: .relaxed) < before + 10 { await Task.yield() }
        #expect(loop.status.foldedSeq == 0)
        isPressed.store(false, ordering: .relaxed)
        while store.progress.applied < 2_000 { await Task.yield() }
        try loop.stop()
        #expect(store.progress.applied == 2_000)
        #expect(store.progress.duplicates == 0)
    }

    @Test func `way is made for a time, not for ever`() async throws {
        let log = MemoryLog()
        let store = FakeStore()
        let loop = try loop(log, store, wayMilliseconds: 50) { true }
        try loop.start()
        for batch in pageViews(1...100) {
            log.append(batch)
            loop.offer(batch)
        }
        while store.progress.applied < 100 { await Task.yield() }
        try loop.stop()
    }

    @Test func `a stop doesn't wait for it`() throws {
        let log = MemoryLog()
        let store = FakeStore()
        let loop = try loop(log, store, wayMilliseconds: 3_600_000) { true }
        try loop.start()
        for batch in pageViews(1...100) {
            log.append(batch)
            loop.offer(batch)
        }
        try loop.stop()
        #expect(store.progress.applied == 100)
    }
}
