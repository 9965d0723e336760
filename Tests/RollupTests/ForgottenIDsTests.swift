import Engagement
import Glibc
import Journal
import Synchronization
import TestSupport
import Testing

@testable import Rollup

/// Retired lines whose index file is lost, too.
@Suite struct ForgottenIDsTests {
    private let files = MemoryFiles()

    /// 1 to 40 are retired, in files of 16, and then some file comes to harm.
    private func harmed(_ harm: (MemoryFiles) -> Void) throws -> (MemoryLog, FakeStore) {
        let log = MemoryLog(Array(Retiring.batches[..<10]))
        let store = FakeStore()
        let ids = Retiring.index(files)
        try Retiring.folder(log, store, ids).storeIDs()
        try ids.secure(1...40, from: log, idKey: Retiring.key)
        log.retire(through: 40)
        harm(files)
        return (log, store)
    }

    private func telling(_ files: any FileSystem) -> (IDIndex, () -> [String]) {
        final class Told: Sendable { let texts = Mutex<[String]>([]) }
        let told = Told()
        let ids = IDIndex(
            directory: "/ids", fileSystem: files, chunkSeqs: 16, checkedLines: 4,
            notice: { text in told.texts.withLock { $0.append(text) } })
        return (ids, { told.texts.withLock { $0 } })
    }

    @Test func `a lost file is told of at each start, counted, and its ids count again`() throws {
        let (log, store) = try harmed { $0[IDIndex.name(1)] = nil }
        for _ in 0..<2 {
            let (ids, told) = telling(files)
            let after = try Retiring.folder(log, store, ids)
            #expect(after.forgottenIDs == 16)
            #expect(told().count == 1)
            #expect(
                told().first?.contains("16 retired events are lost") ?? false, "\(told())")
            #expect(told().first?.contains("seq 1 to 16") ?? false, "\(told())")
            after.storeIDs()
        }
        #expect(
            try Retiring.index(files).examine(1...40, idKey: Retiring.key)?.contains(
                "16 retired events") ?? false)
        log.append(Retiring.batches[10])
        let after = try Retiring.folder(log, store, Retiring.index(files))
        // 5 is forgotten, 45 isn't retired, and what was lost leaves the window.
        #expect(store.dropped == [102])
        #expect(after.forgottenIDs == 6)
    }

    @Test func `of a damaged file on the edge only the retired part is lost`() throws {
        let (log, store) = try harmed { $0[IDIndex.name(33)]![60] ^= 1 }
        let (ids, told) = telling(files)
        let after = try Retiring.folder(log, store, ids)
        #expect(after.forgottenIDs == 8)
        #expect(told().first == "id index files made again from the log: 1 damaged")
        #expect(told().last?.contains("seq 33 to 40") ?? false, "\(told())")
        log.append(Retiring.batches[10])
        _ = try Retiring.folder(log, store, Retiring.index(files))
        #expect(store.dropped == [101, 102])
    }

    @Test func `a file that can't be read now ends the start and isn't touched`() throws {
        let (log, store) = try harmed { _ in }
        let before = files.names.map { files[$0] }
        files.fail("read", EIO)
        #expect(throws: FileError.self) {
            _ = try Retiring.folder(log, store, Retiring.index(files))
        }
        files.fail("read", nil)
        #expect(files.names.map { files[$0] } == before)
    }

    @Test(arguments: ["read", "open", "write", "fsync", "rename"])
    func `ids that couldn't be secured are said to be, and the next try does it`(
        operation: String
    ) throws {
        let log = MemoryLog(Array(Retiring.batches[..<10]))
        let store = FakeStore()
        let ids = Retiring.index(files)
        _ = try Retiring.folder(log, store, ids)
        // To be made again from the log.
        files[IDIndex.name(1)] = nil
        files.fail(operation, EIO)
        if operation != "read" {
            #expect(throws: FileError.self) {
                try ids.secure(1...40, from: log, idKey: Retiring.key)
            }
            files.fail(operation, nil)
        }
        // What can't be read, while the log still holds the lines, is only made again.
        try ids.secure(1...40, from: log, idKey: Retiring.key)
        files.fail(operation, nil)
        log.retire(through: 40)
        log.append(Retiring.batches[10])
        _ = try Retiring.folder(log, store, Retiring.index(files))
        #expect(store.dropped == [101, 102])
    }

    @Test func `files made anew keep what they know of retired lines`() throws {
        let (log, _) = try harmed { $0[IDIndex.name(65)] = nil }
        let before = try #require(files[IDIndex.name(33)])
        #expect(
            try Retiring.index(files).rebuildAll(from: log, idKey: Retiring.key, window: 100) == 5)
        #expect(files[IDIndex.name(33)] == before)
        #expect(try Retiring.index(files).examine(1...40, idKey: Retiring.key) == nil)
    }
}
