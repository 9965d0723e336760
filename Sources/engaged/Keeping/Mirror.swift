import Journal
import Ledger
import Rollup

/// A data directory's second copy, brought up to date file by file, each whole or not at all.
struct Mirror {
    /// It would spoil what is there.
    struct Refusal: Error, CustomStringConvertible {
        var description: String
    }

    private let source: DataDirectory
    private let copy: DataDirectory
    private let files = PosixFileSystem()

    /// Makes the copy's directories and takes the node file over.
    init(of source: String, in copy: String) throws {
        self.source = DataDirectory(source)
        self.copy = DataDirectory(copy)
        guard let node = try files.contents(self.source.node, limit: 4_096) else {
            throw Refusal(description: "\(source) is no data directory: it has no node file")
        }
        if let other = try files.contents(self.copy.node, limit: 4_096),
            NodeIdentity.number(of: other) != NodeIdentity.number(of: node)
        {
            throw Refusal(description: "\(copy) is the copy of another data directory")
        }
        if try files.sizeOfFile(self.copy.lock) != nil {
            throw Refusal(
                description: "\(copy) is a data directory that a daemon has used: choose another")
        }
        try self.copy.make(files)
        try CopiedFile.replace(self.source.node, to: self.copy.node, files)
    }

    /// - Returns: the last seq that it counts; 0 where there is no ledger yet.
    private func copyLedger() throws -> UInt64 {
        for rest in ["-wal", "-shm", ".tmp"] where try files.sizeOfFile(copy.ledger + rest) != nil {
            try files.unlink(copy.ledger + rest)
        }
        guard try files.sizeOfFile(source.ledger) != nil else { return 0 }
        let new = copy.ledger + ".tmp"
        let counted = try Ledger.copy(source.ledger, to: new)
        let file = try files.open(new, .readWrite)
        do {
            defer { files.close(file) }
            try files.synchronize(file)
        }
        try files.rename(new, to: copy.ledger)
        try files.synchronizeDirectory(copy.root)
        return counted
    }

    /// Copies ledger, segments and id index files, in this order.
    ///
    /// The segments then hold at least what the ledger counts, and the id index files know at least
    /// the lines that were retired before the segments were copied. Both begin early enough unless
    /// retention passed the ledger's copy meanwhile: it follows the oldest snapshot, so that tells.
    /// - Parameter progress: bytes of segments done, and of how many.
    func run(_ progress: (Int, Int) -> Void) throws -> Copied {
        for _ in 0..<Self.attempts {
            let counted = try copyLedger()
            let segments = try copySegments(progress)
            try copyIDs()
            let snapshots = try Snapshots(data: source, kept: 1).list()
            if snapshots.first.map({ $0.lastSeq <= counted }) ?? true {
                return Copied(counted: counted, files: segments.files, bytes: segments.bytes)
            }
        }
        throw Refusal(
            description:
                "retention deletes faster than this copies: raise retention or snapshots.minutes")
    }

    struct Copied {
        /// Last seq that the copied ledger counts.
        var counted: UInt64
        /// Segments, and their bytes.
        var files: Int
        var bytes: Int
    }

    /// A second one finds little left to copy.
    private static let attempts = 4

    /// Copies what the copy doesn't have, or has otherwise, and drops what the source hasn't any more.
    /// - Parameter progress: bytes done, and of how many.
    private func copySegments(
        _ progress: (Int, Int) -> Void
    ) throws(FileError) -> (files: Int, bytes: Int) {
        let names = try source.segmentNames(files)
        var todo: [(name: String, bytes: Int)] = []
        for name in names where try !isSame(name) {
            todo.append((name, try files.sizeOfFile(source.segment(name)) ?? 0))
        }
        let total = todo.reduce(0) { $0 + $1.bytes }
        var copied = (files: 0, bytes: 0)
        for (name, _) in todo {
            do throws(FileError) {
                copied.bytes += try CopiedFile.replace(
                    source.segment(name), to: copy.segment(name), files)
                copied.files += 1
            } catch {
                // Retired since, or taken back by a recovery.
                if !error.isMissing { throw error }
            }
            progress(copied.bytes, total)
        }
        let left = Set(try source.segmentNames(files))
        for name in try copy.segmentNames(files) where !left.contains(name) {
            try files.unlink(copy.segment(name))
        }
        try files.synchronizeDirectory(copy.segments)
        return copied
    }

    private func copyIDs() throws(FileError) {
        guard try files.sizeOfFile(source.ids) != nil else { return }
        try files.makeDirectory(copy.ids)
        let names = try idNames(source)
        for name in names where try !isSameIndex(name) {
            do throws(FileError) {
                try CopiedFile.replace(source.ids + "/" + name, to: copy.ids + "/" + name, files)
            } catch {
                // The window has left it behind.
                if !error.isMissing { throw error }
            }
        }
        for name in try idNames(copy) where !names.contains(name) {
            try files.unlink(copy.ids + "/" + name)
        }
        try files.synchronizeDirectory(copy.ids)
        try files.synchronizeDirectory(copy.root)
    }

    private func idNames(_ data: DataDirectory) throws(FileError) -> Set<String> {
        Set(try files.list(data.ids).filter { IDIndex.firstSeq($0) != nil })
    }

    /// The header has the checksum of all that follows.
    private func isSameIndex(_ name: String) throws(FileError) -> Bool {
        let (ours, theirs) = (source.ids + "/" + name, copy.ids + "/" + name)
        guard let size = try files.sizeOfFile(theirs), try files.sizeOfFile(ours) == size else {
            return false
        }
        return try files.contents(ours, limit: IDIndex.headerBytes)
            == files.contents(theirs, limit: IDIndex.headerBytes)
    }

    /// Sealed files of one name are the same where their ends are.
    private func isSame(_ name: String) throws(FileError) -> Bool {
        guard try files.sizeOfFile(copy.segment(name)) != nil else { return false }
        let ours = try SealedEnds.read(name, source, files)
        let theirs = try SealedEnds.read(name, copy, files)
        return ours != nil && ours == theirs
    }
}
