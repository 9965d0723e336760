import Glibc
import Journal
import Synchronization

/// One folder of files in memory, by name; operations fail as planned.
final class MemoryFiles: FileSystem {
    private struct State {
        var files: [String: [UInt8]] = [:]
        var opened: Int32 = 0
        var made: Set<String> = []
        var broken: [String: Int32] = [:]
    }

    private let state = Mutex(State())

    init() {}

    /// A copy of the files there are now.
    init(_ other: MemoryFiles) {
        let files = other.state.withLock { $0.files }
        state.withLock { $0.files = files }
    }

    var names: [String] { state.withLock { $0.files.keys.sorted() } }

    /// Every name that a file was ever given.
    var made: Set<String> { state.withLock { $0.made } }

    subscript(name: String) -> [UInt8]? {
        get { state.withLock { $0.files[name] } }
        set { state.withLock { $0.files[name] = newValue } }
    }

    /// From now on an operation fails with a code; nil: no more.
    func fail(_ operation: String, _ code: Int32?) {
        state.withLock { $0.broken[operation] = code }
    }

    private func meet(_ operation: String, _ path: String) throws(FileError) {
        if let code = state.withLock({ $0.broken[operation] }) {
            throw FileError(operation: operation, path: path, code: code)
        }
    }

    private static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    func open(_ path: String, _ mode: OpenMode) throws(FileError) -> OpenFile {
        try meet("open", path)
        let name = Self.name(path)
        let isThere = self[name] != nil
        if mode == .directory { return OpenFile(number: 0, path: path) }
        if mode == .create, isThere {
            throw FileError(operation: "open", path: path, code: EEXIST)
        }
        if mode == .read, !isThere {
            throw FileError(operation: "open", path: path, code: ENOENT)
        }
        return state.withLock { state in
            state.opened += 1
            state.files[name] = state.files[name] ?? []
            return OpenFile(number: state.opened, path: path)
        }
    }

    func close(_ file: OpenFile) {}

    func read(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int {
        try meet("read", file.path)
        let bytes = self[Self.name(file.path)] ?? []
        let part = bytes.dropFirst(offset).prefix(buffer.count)
        buffer.copyBytes(from: part)
        return part.count
    }

    func write(
        _ file: OpenFile, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int {
        try meet("write", file.path)
        let name = Self.name(file.path)
        self[name] = Array((self[name] ?? []).prefix(offset)) + bytes
        return bytes.count
    }

    func size(_ file: OpenFile) throws(FileError) -> Int { self[Self.name(file.path)]?.count ?? 0 }

    func rename(_ from: String, to: String) throws(FileError) {
        try meet("rename", from)
        self[Self.name(to)] = self[Self.name(from)]
        _ = state.withLock { $0.made.insert(Self.name(to)) }
        self[Self.name(from)] = nil
    }

    func unlink(_ path: String) throws(FileError) { self[Self.name(path)] = nil }
    func list(_ path: String) throws(FileError) -> [String] { names }
    func sizeOfFile(_ path: String) throws(FileError) -> Int? {
        path.contains(".") ? self[Self.name(path)]?.count : 0
    }

    func synchronize(_ file: OpenFile) throws(FileError) { try meet("fsync", file.path) }

    // Nobody asks for this.
    func synchronizeData(_ file: OpenFile) throws(FileError) { try refuse("fdatasync", file.path) }
    func truncate(_ file: OpenFile, to size: Int) throws(FileError) {
        try refuse("truncate", file.path)
    }
    func allocate(_ file: OpenFile, bytes: Int) throws(FileError) {
        try refuse("allocate", file.path)
    }
    func lock(_ file: OpenFile) throws(FileError) -> Bool { true }
    func unlock(_ file: OpenFile) {}
    func forgetCached(_ file: OpenFile) {}
    func makeDirectory(_ path: String) throws(FileError) { try meet("mkdir", path) }
    func freeBytes(_ path: String) throws(FileError) -> Int { .max }

    private func refuse(_ operation: String, _ path: String) throws(FileError) {
        throw FileError(operation: operation, path: path, code: ENOSYS)
    }
}
