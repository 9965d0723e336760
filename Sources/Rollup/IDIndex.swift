import Engagement
package import Journal

/// Where the id index files lie: the hashed (site, id) of every line within the window, so that a
/// start loads them instead of reading the log (schemas/ids.md).
///
/// A cache, and nothing more. A checksum says whether a file is whole, a look at the log whether it
/// is this log's; what is missing or doesn't hold is made again from the log. So no file is synced,
/// and no error stops the roll-up.
package struct IDIndex: Sendable {
    package let directory: String
    let fileSystem: any FileSystem
    let notice: @Sendable (String) -> Void
    /// Seqs in a file.
    let chunkSeqs: UInt64
    /// Lines at its end that are compared with the log before a file is believed.
    let checkedLines: UInt64

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

    func path(_ firstSeq: UInt64) -> String { directory + "/" + Self.name(firstSeq) }

    static func name(_ firstSeq: UInt64) -> String {
        let text = String(firstSeq)
        return prefix + String(repeating: "0", count: digits - text.count) + text + suffix
    }

    /// nil: not the name of an index file.
    static func firstSeq(_ name: String) -> UInt64? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        let text = name.dropFirst(prefix.count).dropLast(suffix.count)
        guard text.count == digits, let seq = UInt64(text), seq > 0 else { return nil }
        return seq
    }

    /// Reads a file into a chunk. - Returns: false where there is none.
    func load(_ chunk: IDChunk, at seq: UInt64, _ key: HashKey) throws(IDChunk.Refusal) -> Bool {
        let bytes: Int
        do throws(FileError) {
            let path = path(seq)
            guard let size = try fileSystem.sizeOfFile(path) else { return false }
            let file = try fileSystem.open(path, .read)
            defer { fileSystem.close(file) }
            // A longer one doesn't hold, as its end is missing.
            bytes =
                try fileSystem.readFully(file, into: chunk.room, at: 0)
                + max(0, size - chunk.room.count)
        } catch {
            throw .unreadable
        }
        try chunk.take(at: seq, bytes: bytes, key)
        return true
    }

    /// Puts a chunk's file in place whole. A power cut may still leave anything under its name: the
    /// checksum decides, so nothing waits for the disk here.
    func store(_ chunk: IDChunk, _ key: HashKey) throws(FileError) {
        try fileSystem.makeDirectory(directory)
        let path = path(chunk.firstSeq)
        let temporary = path + ".tmp"
        if try fileSystem.sizeOfFile(temporary) != nil { try fileSystem.unlink(temporary) }
        do throws(FileError) {
            try write(temporary, chunk.file(key))
            try fileSystem.rename(temporary, to: path)
        } catch {
            try? fileSystem.unlink(temporary)
            throw error
        }
    }

    private func write(_ path: String, _ bytes: UnsafeRawBufferPointer) throws(FileError) {
        let file = try fileSystem.open(path, .create)
        defer { fileSystem.close(file) }
        try fileSystem.writeAll(file, bytes, at: 0)
    }

    /// Deletes all index files but those with seqs of `kept`, and what a crash left half made.
    func clear(allBut kept: ClosedRange<UInt64>) throws(FileError) {
        guard try fileSystem.sizeOfFile(directory) != nil else { return }
        for name in try fileSystem.list(directory) {
            if let first = Self.firstSeq(name) {
                let last = first.addingReportingOverflow(chunkSeqs - 1).partialValue
                let isOurs = first == chunk(of: first)
                if isOurs, first <= kept.upperBound, last >= kept.lowerBound { continue }
            } else if !(name.hasPrefix(Self.prefix) && name.hasSuffix(Self.suffix + ".tmp")) {
                continue
            }
            try fileSystem.unlink(directory + "/" + name)
        }
    }
}
