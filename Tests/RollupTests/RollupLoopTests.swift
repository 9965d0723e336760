import Engagement
import Rollup
import Synchronization
import TestSupport
import Testing

@Suite struct RollupLoopTests {
    private func settings() -> RollupSettings {
        var settings = RollupSettings()
        settings.flushMilliseconds = 20
        settings.retryMilliseconds = 1
        settings.patienceMilliseconds = 0
        return settings
    }

    @Test func `everything offered is counted once and every batch comes back`() throws {
        let batches = pageViews(1...3_000, batchLines: 100)
        let log = MemoryLog()
        let store = FakeStore()
        let back = Atomic(0)
        let loop = try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, settings: settings(),
            recycle: { _ in back.add(1, ordering: .relaxed) })
        try loop.start()
        for batch in batches {
            log.append(batch)
            loop.offer(batch)
        }
        try loop.stop()
        #expect(store.progress.applied == 3_000)
        #expect(store.views == ["c/k0": 1_000, "c/k1": 1_000, "c/k2": 1_000])
        #expect(back.load(ordering: .relaxed) == batches.count)
        #expect(loop.status.appliedSeq == 3_000)
        #expect(loop.status.foldedSeq == 3_000)
        #expect(loop.status.lagMilliseconds == 0)
        #expect(store.state.withLock { $0.checkpoints } == 1)
    }

    @Test func `batches that find no room are read from the log`() throws {
        let batches = pageViews(1...2_000, batchLines: 50)
        let log = MemoryLog()
        let store = FakeStore()
        var small = settings()
        small.queueBytes = 1
        let loop = try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, settings: small, recycle: { _ in })
        try loop.start()
        for batch in batches {
            log.append(batch)
            loop.offer(batch)
        }
        try loop.stop()
        #expect(store.progress.applied == 2_000)
        #expect(store.progress.duplicates == 0)
    }

    @Test func `a stop that is far behind ends in time and the next start counts the rest`() throws
    {
        let log = MemoryLog()
        let store = FakeStore()
        var hurried = settings()
        hurried.stopMilliseconds = 0
        let first = try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, settings: hurried, recycle: { _ in })
        try first.start()
        // Durable, but never offered: only the log has them.
        for batch in pageViews(1...2_000, batchLines: 50) { log.append(batch) }
        try first.stop()
        #expect(store.progress.applied == 0)
        let second = try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, settings: settings(), recycle: { _ in })
        try second.start()
        try second.stop()
        #expect(store.progress.applied == 2_000)
    }

    @Test func `neither does a gap that the queue left keep a stop waiting`() throws {
        let log = MemoryLog()
        let store = FakeStore()
        var hurried = settings()
        hurried.stopMilliseconds = 0
        let loop = try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, settings: hurried, recycle: { _ in })
        try loop.start(onOwnThread: false)
        let batches = pageViews(1...2_000, batchLines: 50)
        for batch in batches { log.append(batch) }
        // Only the last one found room.
        loop.offer(batches[batches.count - 1])
        loop.askToStop()
        while loop.turn() {}
        #expect(store.progress.applied == 0)
    }

    @Test func `a start catches up with the log and says how far it is`() throws {
        let log = MemoryLog(pageViews(1...1_000))
        let store = FakeStore()
        let loop = try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, settings: settings(), recycle: { _ in })
        var last: (UInt64, UInt64) = (0, 0)
        try loop.start { stage, done, all in
            if case .catchingUp = stage { last = (done, all) }
        }
        #expect(last == (1_000, 1_000))
        #expect(loop.status.appliedSeq == 1_000)
        try loop.stop()
        #expect(store.progress.applied == 1_000)
    }

    @Test func `a store in trouble is tried until it works`() throws {
        let log = MemoryLog()
        let store = FakeStore()
        store.state.withLock { $0.failures = 3 }
        let notices = Mutex<[String]>([])
        let loop = try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, settings: settings(), recycle: { _ in },
            notice: { text in notices.withLock { $0.append(text) } })
        try loop.start()
        let batch = pageViews(1...10)[0]
        log.append(batch)
        loop.offer(batch)
        while store.state.withLock({ $0.flushes }) == 0 {}
        try loop.stop()
        #expect(store.progress.applied == 10)
        #expect(notices.withLock { $0.count } == 2)
        #expect(loop.status.trouble == nil)
    }

    @Test func `a stop in trouble says so, and the next start counts what is missing`() throws {
        let log = MemoryLog()
        let store = FakeStore()
        store.state.withLock { $0.failures = .max }
        var slow = settings()
        slow.retryMilliseconds = 60_000
        let loop = try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, settings: slow, recycle: { _ in })
        try loop.start()
        let batch = pageViews(1...10)[0]
        log.append(batch)
        loop.offer(batch)
        #expect(throws: FakeStore.Broken.self) { try loop.stop() }
        store.state.withLock { $0.failures = 0 }
        let again = try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, settings: slow, recycle: { _ in })
        try again.start()
        try again.stop()
        #expect(store.progress.applied == 10)
    }
}
