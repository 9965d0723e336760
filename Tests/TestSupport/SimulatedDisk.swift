import Glibc
package import Journal

/// A disk in memory that does whatever POSIX allows a disk to do, decided by one seed.
///
/// - Writes stay in a cache until they are synced; any of their sectors may reach the platter before.
/// - After a power cut every unsynced sector, size and name is there, isn't, or is torn.
/// - A sync of a file says nothing of its name; a rename is durable with its directories' syncs.
/// - After a failed sync the pages count as clean: the next sync succeeds without them, and the cache
///   shows what the platter lacks.
/// - Any call may fail, writes may be short, room may run out and come back.
/// - From a planned call on nothing works and nothing changes, until `restart`.
///
/// For one thread.
package final class SimulatedDisk: FileSystem, @unchecked Sendable {
    private enum Open {
        case file(SimulatedFile)
        case directory(SimulatedDirectory)
    }

    private var names = SimulatedNames()
    private var opened: [Int32: Open] = [:]
    private var nextNumber: Int32 = 3
    private var rng: SeededRNG
    private var plan = FaultPlan()
    private var usedBytes = 0
    private var shortageStart: (used: Int, until: Int)?
    private let clock: SimulatedClock?

    /// Calls so far.
    package private(set) var calls = 0
    /// From this call on nothing works.
    package var stopAt = Int.max
    package private(set) var isStopped = false
    package var capacityBytes = 1 << 40
    package var shortages: [DiskShortage] = []
    /// Of so many writes one is cut short; 0: none.
    package var shortWriteOneIn = 0
    /// The longest that a sync takes, ns.
    package var slowestSyncNanoseconds: UInt64 = 1
    /// Called while a file's sync is under way, as other threads run then.
    package var duringSync: (() -> Void)?
    /// Told of every call that changes something, and of every fault.
    package var trace: ((String) -> Void)?
    package private(set) var counts: [DiskOperation: Int] = [:]
    package private(set) var shortWrites = 0
    /// A look from outside: no call counts and nothing fails.
    private var isInspected = false

    package init(seed: UInt64, clock: SimulatedClock? = nil) {
        rng = SeededRNG(seed)
        self.clock = clock
    }

    // MARK: What the simulation does

    package func add(_ fault: DiskFault) { plan.add(fault) }
    /// What failed since the last `restart`.
    package var injected: [(operation: DiskOperation, path: String, code: Int32)] {
        plan.injected.map { ($0.operation, $0.path, $0.code) }
    }
    package var openFiles: Int { opened.count }

    /// Takes all faults back; what is planned for the calls to come, too.
    package func heal() {
        plan.clear()
        shortages = []
        stopAt = .max
        isStopped = false
    }

    /// The process is gone; a power cut takes with it what wasn't synced, nil means it was killed and
    /// the machine goes on.
    package func restart(after cut: PowerCut?) {
        opened = [:]
        for (_, file) in names.files { file.lockHolder = nil }
        if let cut {
            names.lose(cut, &rng)
            for (_, file) in names.files { file.lose(cut, &rng) }
        }
        usedBytes = names.files.reduce(0) { $0 + $1.file.size }
        heal()
    }

    /// Runs `body` without faults, and without its calls being counted.
    package func inspect<Value>(_ body: () throws -> Value) rethrows -> Value {
        let (was, wasStopped) = (isInspected, isStopped)
        isInspected = true
        isStopped = false
        defer {
            isInspected = was
            isStopped = wasStopped
        }
        return try body()
    }

    /// Every file below a directory with its bytes as readers see them.
    package func files(below path: String) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for (name, file) in names.files where name.hasPrefix(path + "/") {
            found[name] = Array(file.cache.bytes)
        }
        return found
    }

    package func flip(bit: Int, of path: String, at offset: Int) {
        if case .file(let file)? = names.node(path) { file.flip(bit: bit, at: offset) }
    }

    // MARK: Every call

    private func meet(_ operation: DiskOperation, _ path: String) throws(FileError) {
        if isInspected { return }
        calls += 1
        counts[operation, default: 0] += 1
        if calls >= stopAt { isStopped = true }
        if isStopped { throw FileError(operation: "\(operation)", path: path, code: EIO) }
        let code = plan.meet(operation, path)
        if let trace { trace("\(calls) \(operation) \(path)\(code.map { " fails: \($0)" } ?? "")") }
        if let code { throw FileError(operation: "\(operation)", path: path, code: code) }
    }

    private func missing(_ operation: DiskOperation, _ path: String) -> FileError {
        FileError(operation: "\(operation)", path: path, code: ENOENT)
    }

    private func file(_ open: OpenFile, _ operation: DiskOperation) throws(FileError)
        -> SimulatedFile
    {
        guard case .file(let file)? = opened[open.number] else {
            throw FileError(operation: "\(operation)", path: open.path, code: EBADF)
        }
        return file
    }

    /// Bytes that may still be written.
    private var freeBytes: Int {
        let free = capacityBytes - usedBytes
        guard !isInspected, let shortage = shortages.first(where: { $0.calls.contains(calls) })
        else {
            return free
        }
        if shortageStart?.until != shortage.calls.upperBound {
            shortageStart = (usedBytes, shortage.calls.upperBound)
        }
        return min(free, max(0, shortage.room - (usedBytes - shortageStart!.used)))
    }

    package func open(_ path: String, _ mode: OpenMode) throws(FileError) -> OpenFile {
        let creates = mode == .create || mode == .createOrOpen
        try meet(creates ? .create : .open, path)
        guard let (directory, name) = names.place(path) else { throw missing(.open, path) }
        let open: Open
        switch path == "/" ? names.node(path) : directory.entries[name] {
        case .file(let file):
            if mode == .create { throw FileError(operation: "create", path: path, code: EEXIST) }
            open = .file(file)
        case .directory(let directory): open = .directory(directory)
        case nil:
            guard creates else { throw missing(.open, path) }
            let file = SimulatedFile()
            names.add(.file(file), directory, name)
            open = .file(file)
        }
        nextNumber += 1
        opened[nextNumber] = open
        return OpenFile(number: nextNumber, path: path)
    }

    package func close(_ file: OpenFile) { opened[file.number] = nil }

    package func read(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int {
        try meet(.read, file.path)
        let bytes = try self.file(file, .read).cache
        let count = min(buffer.count, max(0, bytes.count - offset))
        if count > 0 { memcpy(buffer.baseAddress!, bytes.base + offset, count) }
        return count
    }

    package func write(
        _ file: OpenFile, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int {
        let target = try self.file(file, .write)
        do throws(FileError) { try meet(.write, file.path) } catch {
            // A failing disk may have taken some of it.
            let taken = isStopped ? 0 : Int.random(in: 0...bytes.count, using: &rng)
            grow(target, by: UnsafeRawBufferPointer(rebasing: bytes[..<taken]), at: offset)
            throw error
        }
        var count = bytes.count
        let room = freeBytes + max(0, target.cache.count - offset)
        if count > room {
            guard room > 0 else {
                trace?("no room")
                throw FileError(operation: "write", path: file.path, code: ENOSPC)
            }
            count = room
        }
        if !isInspected, shortWriteOneIn > 0, count > 1, rng.oneIn(shortWriteOneIn) {
            count = Int.random(in: 1..<count, using: &rng)
            shortWrites += 1
        }
        grow(target, by: UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset)
        if rng.oneIn(4) { target.writeBackOne(&rng) }
        return count
    }

    private func grow(_ file: SimulatedFile, by bytes: UnsafeRawBufferPointer, at offset: Int) {
        usedBytes -= file.size
        file.write(bytes, at: offset)
        usedBytes += file.size
    }

    package func synchronizeData(_ file: OpenFile) throws(FileError) {
        try synchronize(file, .syncData)
    }

    package func synchronize(_ file: OpenFile) throws(FileError) {
        if case .directory(let directory)? = opened[file.number] {
            try meet(.syncDirectory, file.path)
            names.synchronize(directory)
        } else {
            try synchronize(file, .sync)
        }
    }

    private func synchronize(
        _ open: OpenFile, _ operation: DiskOperation
    ) throws(FileError) {
        let file = try file(open, operation)
        if !isInspected {
            clock?.pass(nanoseconds: .random(in: 0...slowestSyncNanoseconds, using: &rng))
            duringSync?()
        }
        do throws(FileError) { try meet(operation, open.path) } catch {
            if !isStopped { file.failSynchronizing(&rng) }
            throw error
        }
        file.synchronize()
    }

    package func truncate(_ file: OpenFile, to size: Int) throws(FileError) {
        let target = try self.file(file, .truncate)
        try meet(.truncate, file.path)
        usedBytes -= target.size
        target.truncate(to: size)
        usedBytes += target.size
    }

    package func size(_ file: OpenFile) throws(FileError) -> Int {
        try meet(.stat, file.path)
        return try self.file(file, .stat).size
    }

    package func forgetCached(_ file: OpenFile) {
        if case .file(let file)? = opened[file.number], !isStopped { file.forgetClean() }
    }

    package func allocate(_ file: OpenFile, bytes: Int) throws(FileError) {
        let target = try self.file(file, .allocate)
        try meet(.allocate, file.path)
        guard freeBytes >= bytes - target.size else {
            throw FileError(operation: "allocate", path: file.path, code: ENOSPC)
        }
        usedBytes -= target.size
        target.reservedBytes = max(target.reservedBytes, bytes)
        usedBytes += target.size
    }

    package func lock(_ file: OpenFile) throws(FileError) -> Bool {
        let target = try self.file(file, .open)
        if let holder = target.lockHolder, holder != file.number { return false }
        target.lockHolder = file.number
        return true
    }

    package func unlock(_ file: OpenFile) {
        if case .file(let target)? = opened[file.number], target.lockHolder == file.number {
            target.lockHolder = nil
        }
        close(file)
    }

    package func rename(_ from: String, to: String) throws(FileError) {
        try meet(.rename, from)
        guard let old = names.place(from), let node = old.0.entries[old.1],
            let new = names.place(to)
        else { throw missing(.rename, from) }
        if case .file(let replaced)? = new.0.entries[new.1] { usedBytes -= replaced.size }
        names.move(node, old, new)
    }

    package func unlink(_ path: String) throws(FileError) {
        try meet(.unlink, path)
        guard let (directory, name) = names.place(path), let node = directory.entries[name],
            case .file(let file) = node
        else { throw missing(.unlink, path) }
        usedBytes -= file.size
        names.remove(node, directory, name)
    }

    package func makeDirectory(_ path: String) throws(FileError) {
        try meet(.makeDirectory, path)
        guard let (directory, name) = names.place(path) else { throw missing(.makeDirectory, path) }
        if directory.entries[name] != nil { return }
        names.add(.directory(SimulatedDirectory(path: path)), directory, name)
    }

    /// In an order of its own each time, as directories have none.
    package func list(_ path: String) throws(FileError) -> [String] {
        try meet(.list, path)
        guard let directory = names.directories[path] else { throw missing(.list, path) }
        return directory.entries.keys.sorted().shuffled(using: &rng)
    }

    package func sizeOfFile(_ path: String) throws(FileError) -> Int? {
        try meet(.stat, path)
        switch names.node(path) {
        case .file(let file): return file.size
        case .directory: return 4_096
        case nil: return nil
        }
    }

    package func freeBytes(_ path: String) throws(FileError) -> Int {
        try meet(.stat, path)
        return freeBytes
    }
}
