import Engagement
import Journal
import TestSupport

@testable import Rollup

/// What the tests of retired lines share.
enum Retiring {
    static let key = FolderTests.key

    static func index(_ files: any FileSystem, chunkSeqs: UInt64 = 16) -> IDIndex {
        IDIndex(directory: "/ids", fileSystem: files, chunkSeqs: chunkSeqs, checkedLines: 4)
    }

    static func folder(
        _ log: MemoryLog, _ store: FakeStore, _ ids: IDIndex, window: UInt64 = 100
    ) throws -> Folder {
        let folder = try Folder(log: log, store: store, idKey: key, window: window, ids: ids)
        try folder.rebuild()
        try folder.catchUp(through: log.watermark)
        return folder
    }

    /// The first ten hold a hundred lines; 101 repeats 5, 102 repeats 45, and 103 is new.
    static let batches = pageViews(1...110) { [101: "e5", 102: "e45"][$0] ?? "e\($0)" }
}
