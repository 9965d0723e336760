/// Keeps copies of bytes that recovery cuts off or finds damaged, within a bound.
///
/// Each copy `<file>.at<offset>` has a note beside it, `<file>.at<offset>.note`: one line of JSON that
/// says what it is. The oldest go when a new one finds no room: names sort by age, ledgers that were
/// set aside (`ledger-…`) first, as they are only views.
package struct Quarantine: Sendable {
    let directory: DataDirectory
    let fileSystem: any FileSystem
    /// Bytes of the whole folder; a longer range is kept as far as that goes.
    let limitBytes: Int
    let notice: @Sendable (JournalNotice) -> Void

    package init(
        directory: DataDirectory, fileSystem: any FileSystem, limitBytes: Int,
        notice: @escaping @Sendable (JournalNotice) -> Void
    ) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.limitBytes = limitBytes
        self.notice = notice
    }

    /// Copies the bytes of a segment that a fault names, durable on return. The same bytes are kept
    /// once; others at the same place get `.2`, `.3` … behind.
    ///
    /// - Returns: whether they weren't there already.
    @discardableResult
    func keep(_ name: String, _ fault: SegmentScan.Fault) throws(FileError) -> Bool {
        let source = try fileSystem.open(directory.segment(name), .read)
        defer { fileSystem.close(source) }
        let offset = fault.offset
        let note = Self.note(name, fault)
        let bytes = min(fault.bytes, max(0, limitBytes - note.count))
        let base = directory.quarantine + "/\(name).at\(offset)"
        var path = base
        var number = 1
        while let size = try fileSystem.sizeOfFile(path) {
            if size == bytes, try isSame(source, offset, path, bytes) { return false }
            number += 1
            path = base + ".\(number)"
        }
        try makeRoom(bytes + note.count)
        // Before the copy: where there is a copy there is a note.
        try put(note, path + ".note")
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
        return true
    }

    /// Deletes the oldest until `bytes` more fit, or nothing is left.
    package func makeRoom(_ bytes: Int) throws(FileError) {
        var kept: [(name: String, bytes: Int)] = []
        for name in try fileSystem.list(directory.quarantine).sorted() {
            let size = try fileSystem.sizeOfFile(directory.quarantine + "/" + name) ?? 0
            kept.append((name, size))
        }
        var total = kept.reduce(0) { $0 + $1.bytes }
        for entry in kept {
            if total + bytes <= limitBytes { return }
            try fileSystem.unlink(directory.quarantine + "/" + entry.name)
            notice(.quarantineFull(deleted: entry.name, bytes: entry.bytes))
            total -= entry.bytes
        }
    }

    private static func note(_ name: String, _ fault: SegmentScan.Fault) -> [UInt8] {
        let text =
            "{\"file\":\"\(name)\",\"offset\":\(fault.offset),\"bytes\":\(fault.bytes),"
            + "\"code\":\"\(fault.code.rawValue)\"}\n"
        return Array(text.utf8)
    }

    private func put(_ note: [UInt8], _ path: String) throws(FileError) {
        var failure: FileError?
        note.withUnsafeBytes { bytes in
            do throws(FileError) {
                try fileSystem.replace(path, in: directory.quarantine, with: bytes)
            } catch { failure = error }
        }
        if let failure { throw failure }
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
