import Engagement
import Journal
import Synchronization
import TestSupport
import Testing

@testable import Rollup

/// Before lines are retired their ids are durable, and nothing that dies later takes them back.
@Suite struct SecuredIDsTests {
    /// All lines lie in the file that is being collected.
    private func index(_ disk: any FileSystem) -> IDIndex {
        Retiring.index(disk, chunkSeqs: 256)
    }

    /// The first lines are counted, of which those through 60 are secured and then retired.
    private func retire(
        _ disk: SimulatedDisk, storing: Bool = true
    ) throws -> (log: MemoryLog, store: FakeStore, folder: Folder) {
        let log = MemoryLog(Array(Retiring.batches[..<10]))
        let store = FakeStore()
        let ids = index(disk)
        let folder = try Retiring.folder(log, store, ids)
        if storing { folder.storeIDs() }
        try ids.secure(1...60, from: log, idKey: Retiring.key)
        log.retire(through: 60)
        return (log, store, folder)
    }

    private func check(
        _ disk: SimulatedDisk, _ log: MemoryLog, _ store: FakeStore, _ text: String
    ) throws {
        let copy = MemoryLog()
        try log.read(from: 1, through: .max) { copy.append($0) }
        copy.append(Retiring.batches[10])
        let after = try Retiring.folder(copy, store, index(disk))
        #expect(after.forgottenIDs == 0, "\(text)")
        #expect(store.dropped == [101, 102], "\(text)")
    }

    @Test(arguments: [PowerCut.nothing, .some, .all], 1...10 as ClosedRange<UInt64>)
    func `what was secured is there after a power cut`(cut: PowerCut, seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        let (log, store, _) = try retire(disk, storing: seed % 2 == 0)
        disk.restart(after: cut)
        try check(disk, log, store, "seed \(seed)")
    }

    @Test func `files that an earlier version wrote without a sync are synced first`() throws {
        let disk = SimulatedDisk(seed: 1)
        try disk.makeDirectory("/ids")
        let made = MemoryFiles()
        let log = MemoryLog(Array(Retiring.batches[..<10]))
        _ = try index(made).rebuildAll(from: log, idKey: Retiring.key, window: 100)
        for name in made.names {
            let file = try disk.open("/ids/" + name, .create)
            try made[name]!.withUnsafeBytes { try disk.writeAll(file, $0, at: 0) }
            disk.close(file)
        }
        try index(disk).secure(1...60, from: log, idKey: Retiring.key)
        disk.restart(after: .nothing)
        log.retire(through: 60)
        let store = FakeStore()
        store.state.withLock { $0.stored.progress.lastSeq = 100 }
        try check(disk, log, store, "unsynced")
    }

    @Test(arguments: [PowerCut?.none, .nothing, .some])
    func `a crash at any call while ids are secured costs nothing`(cut: PowerCut?) throws {
        for call in 1... {
            let disk = SimulatedDisk(seed: UInt64(call))
            let log = MemoryLog(Array(Retiring.batches[..<10]))
            let store = FakeStore()
            let ids = index(disk)
            _ = try Retiring.folder(log, store, ids)
            disk.stopAt = disk.calls + call
            let isDone = (try? ids.secure(1...60, from: log, idKey: Retiring.key)) != nil
            disk.restart(after: cut)
            // Only what is secured may go.
            if !isDone { try index(disk).secure(1...60, from: log, idKey: Retiring.key) }
            log.retire(through: 60)
            try check(disk, log, store, "call \(call)")
            if isDone { break }
        }
    }

    @Test(arguments: [PowerCut?.none, .nothing, .some])
    func `a crash at any call while newer ids are added to a file of retired ones costs nothing`(
        cut: PowerCut?
    ) throws {
        for call in 1... {
            let disk = SimulatedDisk(seed: UInt64(call))
            let (log, store, folder) = try retire(disk, storing: false)
            disk.stopAt = disk.calls + call
            folder.storeIDs()
            let isDone = !disk.isStopped
            disk.restart(after: cut)
            try check(disk, log, store, "call \(call)")
            if isDone { break }
        }
    }
}
