/// Everything the journal asks of a disk.
///
/// All file access of the journal goes through here, so that tests can stand a faulty or simulated
/// disk behind it: one that loses what wasn't synced, tears sectors, fails or stops at any call.
/// Paths are absolute or relative to the working directory. Every method throws `FileError`; EINTR
/// is never one, the implementation tries again.
package protocol FileSystem: Sendable {
    func open(_ path: String, _ mode: OpenMode) throws(FileError) -> OpenFile
    func close(_ file: OpenFile)

    /// One pread: bytes read, 0 at the end of the file; may be fewer than asked.
    func read(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int
    /// One pwrite: bytes written, at least 1; may be fewer than given.
    func write(
        _ file: OpenFile, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int

    /// fdatasync.
    func synchronizeData(_ file: OpenFile) throws(FileError)
    /// fsync; of a directory, too.
    func synchronize(_ file: OpenFile) throws(FileError)
    func truncate(_ file: OpenFile, to size: Int) throws(FileError)
    func size(_ file: OpenFile) throws(FileError) -> Int
    /// Asks the kernel to forget clean cached pages, so that the next read meets the disk.
    func forgetCached(_ file: OpenFile)
    /// Reserves `bytes` from the start for good, not sparse.
    func allocate(_ file: OpenFile, bytes: Int) throws(FileError)
    /// Takes the exclusive lock without waiting; false: another process holds it.
    func lock(_ file: OpenFile) throws(FileError) -> Bool
    /// Gives the lock back and closes the file. Closing alone isn't enough: a process that is being
    /// forked at this moment holds the descriptor, and with it the lock, until it runs its program.
    func unlock(_ file: OpenFile)

    func rename(_ from: String, to: String) throws(FileError)
    func unlink(_ path: String) throws(FileError)
    /// One directory; one that exists already is fine.
    func makeDirectory(_ path: String) throws(FileError)
    /// Names in a directory, unordered, without `.` and `..`.
    func list(_ path: String) throws(FileError) -> [String]
    /// Size in bytes, or nil where there is no such file.
    func sizeOfFile(_ path: String) throws(FileError) -> Int?
    /// What an unprivileged process may still write on this file system, in bytes.
    func freeBytes(_ path: String) throws(FileError) -> Int
}

package enum OpenMode: Sendable {
    case read
    case readWrite
    /// New and for writing; fails with EEXIST where the name is taken.
    case create
    /// For writing, made if it isn't there.
    case createOrOpen
    /// To sync it.
    case directory
}

package struct OpenFile: Hashable, Sendable {
    /// The descriptor, or a simulated disk's own number.
    package let number: Int32
    package let path: String

    package init(number: Int32, path: String) {
        self.number = number
        self.path = path
    }
}

extension FileSystem {
    /// Writes all of `bytes` at `offset`.
    package func writeAll(
        _ file: OpenFile, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(FileError) {
        var done = 0
        while done < bytes.count {
            done += try write(
                file, UnsafeRawBufferPointer(rebasing: bytes[done...]), at: offset + done)
        }
    }

    package func writeAll(
        _ file: OpenFile, _ bytes: [UInt8], at offset: Int
    ) throws(FileError) {
        var failure: FileError?
        bytes.withUnsafeBytes { buffer in
            do throws(FileError) { try writeAll(file, buffer, at: offset) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Fills `buffer` from `offset`; fewer bytes only at the end of the file.
    package func readFully(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = try read(
                file, into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]),
                at: offset + done)
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Makes the names in a directory durable.
    package func synchronizeDirectory(_ path: String) throws(FileError) {
        let directory = try open(path, .directory)
        defer { close(directory) }
        try synchronize(directory)
    }

    /// The whole of a small file, or nil where there is none. `limit` in bytes.
    package func contents(_ path: String, limit: Int) throws(FileError) -> [UInt8]? {
        guard let size = try sizeOfFile(path) else { return nil }
        let file = try open(path, .read)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: min(size, limit))
        var failure: FileError?
        let count = bytes.withUnsafeMutableBytes { buffer in
            do throws(FileError) { return try readFully(file, into: buffer, at: 0) } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Puts a file in place whole or not at all: temporary name, sync, rename, directory sync.
    package func replace(
        _ path: String, in directory: String, with bytes: UnsafeRawBufferPointer
    ) throws(FileError) {
        let temporary = path + ".tmp"
        if try sizeOfFile(temporary) != nil { try unlink(temporary) }
        let file = try open(temporary, .create)
        do throws(FileError) {
            defer { close(file) }
            try writeAll(file, bytes, at: 0)
            try synchronize(file)
        } catch {
            try? unlink(temporary)
            throw error
        }
        try rename(temporary, to: path)
        try synchronizeDirectory(directory)
    }
}
