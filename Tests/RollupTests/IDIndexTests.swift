import Engagement
import Glibc
import Journal
import Rollup
import Synchronization
import TestSupport
import Testing

@Suite struct IDIndexTests {
    /// A log that counts the lines read from it.
    private final class CountingLog: DurableLog {
        let log: MemoryLog
        let lines = Atomic(0)
        init(_ log: MemoryLog) { self.log = log }
        var watermark: UInt64 { log.watermark }
        var first: UInt64 { log.first }
        func read(from: UInt64, through: UInt64, into: (Batch) throws -> Void) throws {
            try log.read(from: from, through: through) { batch in
                lines.add(batch.lineCount, ordering: .relaxed)
                try into(batch)
            }
        }
    }

    private let files = MemoryFiles()
    private let notices = Notices()

    private final class Notices: Sendable {
        let texts = Mutex<[String]>([])
        var all: [String] { texts.withLock { $0 } }
    }

    private func index(chunkSeqs: UInt64 = 100, checkedLines: UInt64 = 5) -> IDIndex {
        IDIndex(
            directory: "ids", fileSystem: files, chunkSeqs: chunkSeqs, checkedLines: checkedLines,
            notice: { [notices] text in notices.texts.withLock { $0.append(text) } })
    }

    private func folder(
        _ log: any DurableLog, _ store: FakeStore, window: UInt64 = 1_000, ids: IDIndex? = nil
    ) throws -> Folder {
        let folder = try Folder(
            log: log, store: store, idKey: FolderTests.key, window: window, ids: ids ?? index())
        try folder.rebuild()
        try folder.catchUp(through: log.watermark)
        return folder
    }

    private func name(_ seq: Int) -> String {
        let digits = String(seq)
        return "ids-" + String(repeating: "0", count: 20 - digits.count) + digits + ".idx"
    }

    @Test func `after an orderly stop a start reads a few lines of each file's, no more`() throws {
        let log = CountingLog(MemoryLog(pageViews(1...2_950)))
        let store = FakeStore()
        try folder(log, store).storeIDs()
        log.lines.store(0, ordering: .relaxed)
        _ = try folder(log, store)
        // The window begins in the file of 1901: eleven files, and what is compared lies in members.
        #expect(log.lines.load(ordering: .relaxed) == 11 * 5)
    }

    @Test func `after a crash a start reads the lines of the newest file again`() throws {
        let log = CountingLog(MemoryLog(pageViews(1...2_950)))
        let store = FakeStore()
        _ = try folder(log, store)
        log.lines.store(0, ordering: .relaxed)
        _ = try folder(log, store)
        #expect(log.lines.load(ordering: .relaxed) == 10 * 5 + 50)
    }

    @Test func `the loop stores the newest ids when it stops`() throws {
        let log = CountingLog(MemoryLog())
        let store = FakeStore()
        let loop = try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, ids: index(), recycle: { _ in })
        try loop.start()
        for batch in pageViews(1...250) {
            log.log.append(batch)
            loop.offer(batch)
        }
        try loop.stop()
        #expect(files.names == [name(1), name(101), name(201)])
        log.lines.store(0, ordering: .relaxed)
        let again = try RollupLoop(
            log: log, store: store, idKey: FolderTests.key, ids: index(), recycle: { _ in })
        try again.start()
        try again.stop()
        #expect(log.lines.load(ordering: .relaxed) == 3 * 5)
    }

    @Test func `files collected line by line are those made from the log, byte for byte`() throws {
        var rng = SeededRNG(4)
        let scene = Repetitions(&rng, count: 700, window: 700)
        let log = MemoryLog()
        let store = FakeStore()
        var live = try folder(log, store, window: 700)
        for batch in scene.batches(lines: 13) {
            log.append(batch)
            try live.take(batch)
            if rng.oneIn(6) { try live.flush() }
            if rng.oneIn(10) {
                if rng.oneIn(2) { live.storeIDs() }
                live = try folder(log, store, window: 700)
            }
        }
        live.storeIDs()
        let other = MemoryFiles()
        let count = try IDIndex(directory: "ids", fileSystem: other, chunkSeqs: 100)
            .rebuildAll(from: log, idKey: FolderTests.key, window: 700)
        #expect(count == 7)
        #expect(other.names == files.names)
        for name in other.names { #expect(other[name] == files[name], "\(name)") }
    }

    /// Line 30 fails, and is taken again with a group of lines that begins elsewhere.
    @Test func `lines that come again after an error are collected like others`() throws {
        let text = (1...200).map { seq in
            #"{"seq":\#(seq),"received":"2026-11-21T12:00:00.000Z","via":"tcp","id":"e\#(seq)","#
                + #""site":"shop","order":"o","amount":1,"currency":"EUR","#
                + #""type":"\#(seq == 30 ? "order" : "page_view")"}"# + "\n"
        }
        let batches = EventLines().batches(Array(text.joined().utf8)) { $0 == 200 }
        let store = FakeStore()
        let live = try folder(MemoryLog(), store, ids: index(chunkSeqs: 50))
        store.state.withLock { $0.keyFailures = 1 }
        #expect(throws: FakeStore.Broken.self) { try live.take(batches[0]) }
        try live.take(batches[0])
        let other = MemoryFiles()
        _ = try IDIndex(directory: "ids", fileSystem: other, chunkSeqs: 50)
            .rebuildAll(from: MemoryLog(batches), idKey: FolderTests.key, window: 1_000)
        #expect(files.names.count == 4)
        for name in other.names { #expect(other[name] == files[name], "\(name)") }
    }

    @Test func `the files hold the window and little more, and a long catch-up writes no others`()
        throws
    {
        let log = MemoryLog(pageViews(1...5_000, batchLines: 30))
        let store = FakeStore()
        let live = try folder(log, store, window: 350)
        #expect(files.made.sorted() == [4_601, 4_701, 4_801, 4_901].map(name))
        for batch in pageViews(5_001...9_000, batchLines: 30) {
            log.append(batch)
            try live.take(batch)
            try live.flush()
            // The window reaches into five files, and one is finished before it is counted.
            #expect(files.names.count <= 6)
        }
    }

    @Test func `a start deletes what is beyond the log, too old or half made, and nothing else`()
        throws
    {
        for seq in stride(from: 1, to: 1_200, by: 100) { files[name(seq)] = [1] }
        files[name(150)] = [1]
        files[name(501) + ".tmp"] = [1]
        files["notes.txt"] = [1]
        let store = FakeStore()
        store.state.withLock { $0.stored.progress.lastSeq = 600 }
        _ = try folder(MemoryLog(pageViews(1...640)), store, window: 200)
        #expect(files.names == [name(401), name(501), name(601), "notes.txt"])
    }

    @Test(arguments: ["mkdir", "open", "write", "fsync", "rename"])
    func `files that can't be written are told of once and change no verdict`(
        operation: String
    ) throws {
        files.fail(operation, ENOSPC)
        let batches = pageViews(1...500) { $0 == 450 ? "e3" : "e\($0)" }
        let log = MemoryLog(batches)
        let store = FakeStore()
        let live = try folder(log, store)
        live.storeIDs()
        #expect(store.dropped == [450])
        #expect(files.names.isEmpty)
        #expect(notices.all.count == 1)
        files.fail(operation, nil)
        let more = pageViews(501...700) { $0 == 650 ? "e4" : "e\($0)" }
        for batch in more {
            log.append(batch)
            try live.take(batch)
        }
        try live.flush()
        #expect(store.dropped == [450, 650])
        #expect(files.names == [name(501), name(601)])
        #expect(notices.all.count == 1)
    }

    @Test func `files that weren't usable are told of in one line and made again`() throws {
        let log = MemoryLog(pageViews(1...600))
        let store = FakeStore()
        try folder(log, store).storeIDs()
        let whole = files.names.map { files[$0] }
        files[name(1)] = nil
        files[name(101)]![50] ^= 1
        files[name(201)]! += [1]
        let foreign = MemoryFiles()
        _ = try IDIndex(directory: "ids", fileSystem: foreign, chunkSeqs: 100)
            .rebuildAll(from: log, idKey: HashKey(a: 1, b: 1), window: 1_000)
        files[name(301)] = foreign[name(301)]
        let other = MemoryLog(pageViews(1...600) { "other\($0)" })
        _ = try IDIndex(directory: "ids", fileSystem: foreign, chunkSeqs: 100)
            .rebuildAll(from: other, idKey: FolderTests.key, window: 1_000)
        files[name(401)] = foreign[name(401)]
        _ = try folder(log, store)
        #expect(
            notices.all == [
                "id index files made again from the log: 2 damaged, 1 of another data directory, 1 of another log"
            ])
        #expect(files.names.map { files[$0] } == whole)
        files.fail("read", EIO)
        _ = try folder(log, store)
        #expect(
            notices.all.last == "id index files made again from the log: 6 unreadable")
    }

    @Test func `a file that reaches beyond the durable log is not believed`() throws {
        let batches = pageViews(1...200)
        try folder(MemoryLog(batches), FakeStore()).storeIDs()
        let store = FakeStore()
        store.state.withLock { $0.stored.progress.lastSeq = 110 }
        _ = try folder(MemoryLog(Array(batches[..<12])), store)
        #expect(notices.all == ["id index files made again from the log: 1 of another log"])
    }

    @Test func `an error of the log while a file is compared is no verdict on the file`() throws {
        struct Broken: Error {}
        final class BrokenLog: DurableLog {
            let watermark: UInt64 = 200
            let first: UInt64 = 1
            func read(from: UInt64, through: UInt64, into: (Batch) throws -> Void) throws {
                throw Broken()
            }
        }
        let store = FakeStore()
        _ = try folder(MemoryLog(pageViews(1...200)), store)
        let before = files.names.map { files[$0] }
        #expect(throws: Broken.self) { _ = try folder(BrokenLog(), store) }
        #expect(files.names.map { files[$0] } == before)
        #expect(notices.all.isEmpty)
    }
}
