import Engagement
import Rollup
import Synchronization
import TestSupport
import Testing

@Suite struct TakenAgainTests {
    /// Its id has been noted by then: it must not be taken for a repetition of itself.
    @Test func `a line that failed counts when it comes again`() throws {
        let batch = pageViews(1...1, type: "order")[0]
        let store = FakeStore()
        let folder = try Folder(
            log: MemoryLog([batch]), store: store, idKey: FolderTests.key, window: 100)
        store.state.withLock { $0.keyFailures = 1 }
        #expect(throws: FakeStore.Broken.self) { try folder.take(batch) }
        try folder.take(batch)
        try folder.flush()
        #expect(store.progress.applied == 1)
        #expect(store.progress.duplicates == 0)
    }
}
