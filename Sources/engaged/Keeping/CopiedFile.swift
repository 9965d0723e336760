import Journal

/// Copies of whole files.
enum CopiedFile {
    private static let pieceBytes = 1 << 20

    /// Copies as much as the file holds when it is opened, durable on return but for its name.
    ///
    /// - Parameter to: must not exist.
    /// - Returns: bytes.
    @discardableResult
    static func copy(
        _ from: String, to: String, _ files: PosixFileSystem = PosixFileSystem()
    ) throws(FileError) -> Int {
        let source = try files.open(from, .read)
        defer { files.close(source) }
        let size = try files.size(source)
        let copy = try files.open(to, .create)
        defer { files.close(copy) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 8)
        defer { buffer.deallocate() }
        var at = 0
        while at < size {
            let wanted = min(buffer.count, size - at)
            let count = try files.readFully(
                source, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: at)
            if count == 0 { break }
            try files.writeAll(copy, UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: at)
            at += count
        }
        try files.synchronize(copy)
        return at
    }

    /// The same, in the place of what may be there: whole or not at all.
    @discardableResult
    static func replace(
        _ from: String, to: String, _ files: PosixFileSystem = PosixFileSystem()
    ) throws(FileError) -> Int {
        let new = to + ".tmp"
        if try files.sizeOfFile(new) != nil { try files.unlink(new) }
        let bytes = try copy(from, to: new, files)
        try files.rename(new, to: to)
        return bytes
    }
}
