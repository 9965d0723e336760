import Engagement
package import Journal
import Synchronization

/// Where the id index files lie: the hashed (site, id) of every line within the window, so that a
/// start loads them instead of reading the log (schemas/ids.md).
///
/// What the log holds can be made again from it, so for that part they are a cache. Of retired lines
/// they are all that is left: their part is durable before its lines are deleted, is believed by its
/// checksum alone, and stays as long as a ledger or a snapshot needs it. No error stops the roll-up.
///
/// The roll-up and retention use it at once, on threads of their own.
package final class IDIndex: Sendable {
    package let directory: String
    let fileSystem: any FileSystem
    let notice: @Sendable (String) -> Void
    /// Seqs in a file.
    let chunkSeqs: UInt64
    /// Lines at its end that are compared with the log before a file is believed.
    let checkedLines: UInt64

    /// Seqs of retired lines that somebody may still ask for: their files aren't deleted.
    private struct Kept {
        var from: UInt64 = 1
        var through: UInt64 = 0
    }
    /// Held while files are deleted.
    private let kept = Mutex(Kept())

    /// - Parameter notice: told of files that weren't usable, and once when none can be written.
    package init(
        directory: String, fileSystem: any FileSystem = PosixFileSystem(),
        chunkSeqs: UInt64 = 1 << 18,
        checkedLines: UInt64 = 1_024, notice: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.chunkSeqs = chunkSeqs
        self.checkedLines = checkedLines
        self.notice = notice
    }

    /// First seq of the file that `seq` belongs to.
    func chunk(of seq: UInt64) -> UInt64 { (seq - 1) / chunkSeqs * chunkSeqs + 1 }

    private static let prefix = "ids-"
    private static let suffix = ".idx"
    private static let digits = 20
    /// Of a file; they end with the checksum of the whole.
    package static let headerBytes = IDChunk.headerBytes

    func path(_ firstSeq: UInt64) -> String { directory + "/" + Self.name(firstSeq) }

    static func name(_ firstSeq: UInt64) -> String {
        let text = String(firstSeq)
        return prefix + String(repeating: "0", count: digits - text.count) + text + suffix
    }

    /// nil: not the name of an index file.
    package static func firstSeq(_ name: String) -> UInt64? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        let text = name.dropFirst(prefix.count).dropLast(suffix.count)
        guard text.count == digits, let seq = UInt64(text), seq > 0 else { return nil }
        return seq
    }

    /// Reads a file into a chunk.
    /// - Returns: false where there is none.
    /// - Throws: `FileError`, `IDChunk.Refusal`.
    func load(_ chunk: IDChunk, at seq: UInt64, _ key: HashKey) throws -> Bool {
        let path = path(seq)
        guard let size = try fileSystem.sizeOfFile(path) else { return false }
        let file = try fileSystem.open(path, .read)
        defer { fileSystem.close(file) }
        // A longer one doesn't hold, as its end is missing.
        let bytes =
            try fileSystem.readFully(file, into: chunk.room, at: 0)
            + max(0, size - chunk.room.count)
        try chunk.take(at: seq, bytes: bytes, key)
        return true
    }

    /// One word of a file that was believed when it was read or written; nil: there is none.
    func word(_ seq: UInt64) throws(FileError) -> UInt64? {
        let first = chunk(of: seq)
        let path = path(first)
        guard try fileSystem.sizeOfFile(path) != nil else { return nil }
        let file = try fileSystem.open(path, .read)
        defer { fileSystem.close(file) }
        var word: UInt64 = 0
        let read = try withUnsafeMutableBytes(of: &word) { bytes throws(FileError) in
            try fileSystem.readFully(
                file, into: bytes, at: Self.headerBytes + Int(seq - first) * 8)
        }
        return read == 8 ? UInt64(littleEndian: word) : nil
    }

    /// Who writes a file. Neither waits for the other, so each has a temporary name of its own.
    enum Writer: String {
        case rollup = ".tmp"
        case retention = ".kept.tmp"
    }

    /// Puts a chunk's file in place, whole and durable: it may be all that is left of its lines.
    func store(
        _ chunk: IDChunk, _ key: HashKey, by writer: Writer = .rollup
    ) throws(FileError) {
        try fileSystem.makeDirectory(directory)
        let path = path(chunk.firstSeq)
        let temporary = path + writer.rawValue
        if try fileSystem.sizeOfFile(temporary) != nil { try fileSystem.unlink(temporary) }
        do throws(FileError) {
            try write(temporary, chunk.file(key))
            try fileSystem.rename(temporary, to: path)
        } catch {
            try? fileSystem.unlink(temporary)
            throw error
        }
        try fileSystem.synchronizeDirectory(directory)
    }

    private func write(_ path: String, _ bytes: UnsafeRawBufferPointer) throws(FileError) {
        let file = try fileSystem.open(path, .create)
        defer { fileSystem.close(file) }
        try fileSystem.writeAll(file, bytes, at: 0)
        try fileSystem.synchronize(file)
    }

    // MARK: What is deleted

    /// Lines through `through` are retired, or are about to be; nobody will ask for one before `from`.
    func keep(from: UInt64, through: UInt64) {
        kept.withLock {
            $0.from = max($0.from, from)
            $0.through = max($0.through, through)
        }
    }

    /// Deletes all index files but those with seqs of `wanted` and of retired lines.
    func clear(allBut wanted: ClosedRange<UInt64>) throws(FileError) {
        guard try fileSystem.sizeOfFile(directory) != nil else { return }
        for name in try fileSystem.list(directory) {
            guard let first = Self.firstSeq(name) else { continue }
            let last = first.addingReportingOverflow(chunkSeqs - 1).partialValue
            let isOurs = first == chunk(of: first)
            if isOurs, first <= wanted.upperBound, last >= wanted.lowerBound { continue }
            try kept.withLock { kept throws(FileError) in
                if isOurs, first <= kept.through, last >= kept.from { return }
                try fileSystem.unlink(directory + "/" + name)
            }
        }
    }

    /// Deletes all index files: for a ledger that counts nothing of the lines that are retired.
    package func clear() throws(FileError) {
        kept.withLock { $0 = Kept() }
        try clear(allBut: 0...0)
    }

    /// Deletes what a crash left half made. For a start: later it may be somebody's work.
    func clearHalfMade() throws(FileError) {
        guard try fileSystem.sizeOfFile(directory) != nil else { return }
        for name in try fileSystem.list(directory)
        where name.hasPrefix(Self.prefix) && name.hasSuffix(".tmp") {
            try fileSystem.unlink(directory + "/" + name)
        }
    }
}
