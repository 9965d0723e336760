/// Keeps copies of bytes that recovery cuts off or finds damaged.
struct Quarantine {
    let directory: DataDirectory
    let fileSystem: any FileSystem

    /// Copies `bytes` of a segment from `offset` on to `quarantine/<file>.at<offset>`, durable on
    /// return. The same bytes are kept once; others at the same place get `.2`, `.3` … behind.
    func keep(_ name: String, offset: Int, bytes: Int) throws(FileError) {
        let source = try fileSystem.open(directory.segment(name), .read)
        defer { fileSystem.close(source) }
        let base = directory.quarantine + "/\(name).at\(offset)"
        var path = base
        var number = 1
        while let size = try fileSystem.sizeOfFile(path) {
            if size == bytes, try isSame(source, offset, path, bytes) { return }
            number += 1
            path = base + ".\(number)"
        }
        let temporary = path + ".tmp"
        let copy = try fileSystem.open(temporary, .create)
        do throws(FileError) {
            defer { fileSystem.close(copy) }
            try pieces(bytes) { (at: Int, piece: UnsafeMutableRawBufferPointer) throws(FileError) in
                let count = try fileSystem.readFully(source, into: piece, at: offset + at)
                try fileSystem.writeAll(
                    copy, UnsafeRawBufferPointer(rebasing: piece[..<count]), at: at)
                return count == piece.count
            }
            try fileSystem.synchronize(copy)
        } catch {
            try? fileSystem.unlink(temporary)
            throw error
        }
        try fileSystem.rename(temporary, to: path)
        try fileSystem.synchronizeDirectory(directory.quarantine)
    }

    private func isSame(
        _ source: OpenFile, _ offset: Int, _ path: String, _ bytes: Int
    ) throws(FileError) -> Bool {
        let copy = try fileSystem.open(path, .read)
        defer { fileSystem.close(copy) }
        var isSame = true
        let other = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 8)
        defer { other.deallocate() }
        try pieces(bytes) { (at: Int, piece: UnsafeMutableRawBufferPointer) throws(FileError) in
            let room = UnsafeMutableRawBufferPointer(rebasing: other[..<piece.count])
            let a = try fileSystem.readFully(source, into: piece, at: offset + at)
            let b = try fileSystem.readFully(copy, into: room, at: at)
            isSame = a == b && piece[..<a].elementsEqual(room[..<b])
            return isSame
        }
        return isSame
    }

    private static let pieceBytes = 1 << 20

    /// Calls `body` for each piece of `total` bytes until it answers false.
    private func pieces(
        _ total: Int,
        _ body: (Int, UnsafeMutableRawBufferPointer) throws(FileError) -> Bool
    ) throws(FileError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.pieceBytes, alignment: 8)
        defer { buffer.deallocate() }
        var at = 0
        while at < total {
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<min(buffer.count, total - at)])
            if try !body(at, piece) { return }
            at += piece.count
        }
    }
}
