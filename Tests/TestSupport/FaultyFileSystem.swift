import Glibc
package import Journal
import Synchronization

/// The machine's disk with planned faults: the n-th call of an operation fails, writes may be cut
/// short, and from a crash on every call fails, as if the machine were gone.
///
/// Operations are counted by name (`write`, `fdatasync`, `fsync`, `rename` …) from 1, over paths
/// that contain `only`.
package final class FaultyFileSystem: FileSystem {
    package struct Fault: Sendable {
        package var operation: String
        package var number: Int
        package var code: Int32
        /// How many calls from that number on fail.
        package var times: Int
        package init(_ operation: String, number: Int, code: Int32 = EIO, times: Int = 1) {
            self.operation = operation
            self.number = number
            self.code = code
            self.times = times
        }
    }

    private struct State {
        var faults: [Fault] = []
        var counts: [String: Int] = [:]
        var calls = 0
        var crashAt: Int?
        var isCrashed = false
        var history: [String] = []
        var longestWrite = Int.max
        var freeBytes: Int?
        /// How many more files may be opened; nil: any number.
        var descriptors: Int?
    }

    private let disk = PosixFileSystem()
    private let only: String
    private let state = Mutex(State())

    package init(_ faults: [Fault] = [], only: String = "") {
        self.only = only
        state.withLock { $0.faults = faults }
    }

    /// The n-th changing call from now, and all calls after it, fail.
    package func crash(atChange number: Int) {
        state.withLock {
            $0.crashAt = $0.calls + number
        }
    }
    package func add(_ fault: Fault) {
        state.withLock {
            var fault = fault
            fault.number += $0.counts[fault.operation] ?? 0
            $0.faults.append(fault)
        }
    }
    package func clearFaults() { state.withLock { $0.faults = [] } }
    /// No write takes more than this many bytes at once.
    package func shortenWrites(to bytes: Int) { state.withLock { $0.longestWrite = bytes } }
    package func pretendFree(_ bytes: Int?) { state.withLock { $0.freeBytes = bytes } }
    /// From now on a file can only be opened when another one was closed.
    package func takeAllDescriptors() { state.withLock { $0.descriptors = 0 } }
    package var isCrashed: Bool { state.withLock { $0.isCrashed } }
    /// The changing calls so far, each with its path, and what was put between them.
    package var history: [String] { state.withLock { $0.history } }
    package func remember(_ event: String) { state.withLock { $0.history.append(event) } }
    /// Changing calls so far.
    package var changes: Int { state.withLock { $0.calls } }
    package func count(_ operation: String) -> Int {
        state.withLock { $0.counts[operation] ?? 0 }
    }

    private func meet(_ operation: String, _ path: String, changes: Bool) throws(FileError) {
        let code: Int32? = state.withLock { state in
            if changes {
                state.calls += 1
                state.history.append(operation + " " + path)
                if let crashAt = state.crashAt, state.calls >= crashAt { state.isCrashed = true }
            }
            if state.isCrashed { return EIO }
            guard only.isEmpty || path.contains(only) else { return nil }
            let number = (state.counts[operation] ?? 0) + 1
            state.counts[operation] = number
            return state.faults.first {
                $0.operation == operation && number >= $0.number && number < $0.number + $0.times
            }?.code
        }
        if let code { throw FileError(operation: operation, path: path, code: code) }
    }

    package func open(_ path: String, _ mode: OpenMode) throws(FileError) -> OpenFile {
        let operation =
            switch mode {
            case .create, .createOrOpen: "create"
            case .read, .readWrite, .directory: "open"
            }
        try meet(operation, path, changes: operation == "create")
        if state.withLock({ $0.descriptors == 0 }) {
            throw FileError(operation: operation, path: path, code: EMFILE)
        }
        let file = try disk.open(path, mode)
        state.withLock { $0.descriptors? -= 1 }
        return file
    }
    package func close(_ file: OpenFile) {
        disk.close(file)
        state.withLock { $0.descriptors? += 1 }
    }
    package func read(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int {
        try meet("read", file.path, changes: false)
        return try disk.read(file, into: buffer, at: offset)
    }
    package func write(
        _ file: OpenFile, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int {
        do throws(FileError) { try meet("write", file.path, changes: true) } catch {
            // What a failing disk took before it failed.
            let half = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])
            if !half.isEmpty { _ = try? disk.write(file, half, at: offset) }
            throw error
        }
        let longest = state.withLock { $0.longestWrite }
        let piece = UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, longest)])
        return try disk.write(file, piece, at: offset)
    }
    package func synchronizeData(_ file: OpenFile) throws(FileError) {
        try meet("fdatasync", file.path, changes: true)
        try disk.synchronizeData(file)
    }
    package func synchronize(_ file: OpenFile) throws(FileError) {
        try meet("fsync", file.path, changes: true)
        try disk.synchronize(file)
    }
    package func truncate(_ file: OpenFile, to size: Int) throws(FileError) {
        try meet("truncate", file.path, changes: true)
        try disk.truncate(file, to: size)
    }
    package func size(_ file: OpenFile) throws(FileError) -> Int { try disk.size(file) }
    package func forgetCached(_ file: OpenFile) { remember("forget " + file.path) }
    package func allocate(_ file: OpenFile, bytes: Int) throws(FileError) {
        try meet("allocate", file.path, changes: true)
        try disk.allocate(file, bytes: bytes)
    }
    package func lock(_ file: OpenFile) throws(FileError) -> Bool { try disk.lock(file) }
    package func unlock(_ file: OpenFile) { disk.unlock(file) }
    package func rename(_ from: String, to: String) throws(FileError) {
        try meet("rename", from, changes: true)
        try disk.rename(from, to: to)
    }
    package func unlink(_ path: String) throws(FileError) {
        try meet("unlink", path, changes: true)
        try disk.unlink(path)
    }
    package func makeDirectory(_ path: String) throws(FileError) {
        try meet("mkdir", path, changes: true)
        try disk.makeDirectory(path)
    }
    package func list(_ path: String) throws(FileError) -> [String] { try disk.list(path) }
    package func sizeOfFile(_ path: String) throws(FileError) -> Int? {
        try disk.sizeOfFile(path)
    }
    package func freeBytes(_ path: String) throws(FileError) -> Int {
        if let free = state.withLock({ $0.freeBytes }) { return free }
        return try disk.freeBytes(path)
    }
}

/// A clock that stands still until it is told to move.
package final class FakeClock: Clock {
    private let times: Mutex<(wall: Int64, monotonic: UInt64)>

    /// - Parameter wallMilliseconds: since 1970 UTC; 2026-01-01T00:00:00Z if not given.
    package init(wallMilliseconds: Int64 = 1_767_225_600_000) {
        times = Mutex((wallMilliseconds, 1))
    }

    package func wallMilliseconds() -> Int64 { times.withLock { $0.wall } }
    package func monotonicNanoseconds() -> UInt64 { times.withLock { $0.monotonic } }

    /// Lets time pass on both.
    package func pass(milliseconds: Int64) {
        times.withLock {
            $0.wall += milliseconds
            $0.monotonic += UInt64(milliseconds) * 1_000_000
        }
    }
    /// Steps the wall clock alone.
    package func step(milliseconds: Int64) { times.withLock { $0.wall += milliseconds } }
}
