/// The bytes of one segment, read through a window of fixed size, so that no file, however long or
/// damaged, takes more memory than the window. For fuzzing the bytes may also lie in memory.
package final class SegmentBytes {
    private static let windowBytes = 4 << 20

    /// Readers see nothing from here on. Never more than the file holds.
    package private(set) var size: Int
    private let fileSystem: (any FileSystem)?
    private let file: OpenFile?
    private let buffer: UnsafeMutableRawBufferPointer
    private let readAheadBytes: Int
    private var start = 0
    private var count = 0

    /// The caller keeps the file open and closes it.
    ///
    /// - Parameter readsAhead: the file will be read from end to end, not here and there.
    package init(
        _ fileSystem: any FileSystem, _ file: OpenFile, readsAhead: Bool = true
    ) throws(FileError) {
        self.fileSystem = fileSystem
        readAheadBytes = readsAhead ? Self.windowBytes : 0
        self.file = file
        size = try fileSystem.size(file)
        buffer = .allocate(byteCount: Self.windowBytes, alignment: 64)
    }

    /// `memory` must outlive this.
    package init(memory: UnsafeRawBufferPointer) {
        fileSystem = nil
        file = nil
        readAheadBytes = 0
        buffer = UnsafeMutableRawBufferPointer(mutating: memory)
        size = memory.count
        count = size
    }

    deinit { if fileSystem != nil { buffer.deallocate() } }

    /// `length` bytes at `offset`, or as many as there are. Valid until the next call; at most
    /// `maximumMemberBytes`.
    package func bytes(at offset: Int, _ length: Int) throws(FileError) -> UnsafeRawBufferPointer {
        let end = min(offset + length, size)
        guard offset < end else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        if offset < start || end > start + count { try fill(from: offset, length) }
        let available = min(end, start + count)
        return UnsafeRawBufferPointer(rebasing: buffer[(offset - start)..<(available - start)])
    }

    /// Where the constant bytes of a member's start stand next, or nil.
    package func findMagic(from: Int) throws(FileError) -> Int? {
        var at = from
        while at + SegmentFormat.magic.count <= size {
            let piece = try bytes(at: at, 1 << 20)
            guard piece.count >= SegmentFormat.magic.count else { return nil }
            if let hit = find(SegmentFormat.magic, in: piece) { return at + hit }
            at += piece.count - (SegmentFormat.magic.count - 1)
        }
        return nil
    }

    private func fill(from offset: Int, _ length: Int) throws(FileError) {
        guard let fileSystem, let file else { return }
        count = 0
        let wanted = min(buffer.count, size - offset, max(length, readAheadBytes))
        let got = try fileSystem.readFully(
            file, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset)
        start = offset
        count = got
        if got < wanted { size = offset + got }
    }
}
