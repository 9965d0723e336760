/// The folder of the segments, with the descriptors that the journal must not be without: the folder's
/// own, through which names become durable, and two in reserve, for the segment that is written and the
/// next. They are taken at the start, before any door is open: when strangers have all the others,
/// segments still roll over.
struct SegmentFolder {
    private let path: String
    private let fileSystem: any FileSystem
    private var names: OpenFile?
    private var reserve: [OpenFile] = []

    init(_ path: String, _ fileSystem: any FileSystem) {
        self.path = path
        self.fileSystem = fileSystem
        // What isn't had now is asked for again where it's needed, and the error told there.
        names = try? fileSystem.open(path, .directory)
        keepReserve()
    }

    /// Whether a file may be closed for good, as the next one can be opened.
    @discardableResult mutating func keepReserve() -> Bool {
        while reserve.count < 2, let one = try? fileSystem.open(path, .directory) {
            reserve.append(one)
        }
        return !reserve.isEmpty
    }

    /// Opens a file, by the descriptor in reserve where there is no other.
    mutating func open(_ path: String, _ mode: OpenMode) throws(FileError) -> OpenFile {
        do throws(FileError) { return try fileSystem.open(path, mode) } catch {
            guard error.isPassing, let one = reserve.popLast() else { throw error }
            fileSystem.close(one)
            return try fileSystem.open(path, mode)
        }
    }

    /// The folder, to be synced.
    mutating func opened() throws(FileError) -> OpenFile {
        if let names { return names }
        let names = try open(path, .directory)
        self.names = names
        return names
    }

    mutating func close() {
        if let names { reserve.append(names) }
        for file in reserve { fileSystem.close(file) }
        names = nil
        reserve = []
    }
}
