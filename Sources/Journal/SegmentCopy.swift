/// The file that is to take a segment's place, while it is being written: the same lines in longer
/// members, packed as tightly as the format allows.
final class SegmentCopy {
    /// A disk that is handed the whole file at once has no time for the live log meanwhile.
    private static let syncBytes = 4 << 20

    private let fileSystem: any FileSystem
    private(set) var segment: OpenSegment
    private let member: MemberBuffer
    private let raw = UnsafeMutableRawBufferPointer.allocate(
        byteCount: SegmentFormat.maximumRawBytes, alignment: 64)
    private var rawBytes = 0
    private var lineCount = 0
    private var synchronizedBytes = 0
    private var times = TimeSpan()

    /// Writes the HEAD: the old one, marked.
    init(
        _ file: OpenFile, name: String, head old: MemberHeader, _ packing: SegmentRewriter.Packing,
        _ fileSystem: any FileSystem
    ) throws(FileError) {
        self.fileSystem = fileSystem
        member = MemberBuffer(codec: packing.codec)
        var head = old
        head.flags.insert(.rewritten)
        let bytes = MemberBuffer.empty(&head)
        segment = OpenSegment(file: file, name: name, head: head, madeNanoseconds: 0)
        try fileSystem.writeAll(file, bytes, at: 0)
    }

    deinit { raw.deallocate() }

    /// Adds a line, given without its newline.
    func add(_ line: UnsafeRawBufferPointer) throws(FileError) {
        if rawBytes + line.count + 1 > raw.count { try flush(.batch) }
        // A line that doesn't tell its time is found when the file is read back.
        if let received = StoredLine.received(line) {
            _ = times.add(received, StoredLine.Stamp.bytes)
        }
        UnsafeMutableRawBufferPointer(rebasing: raw[rawBytes...]).copyMemory(from: line)
        raw[rawBytes + line.count] = UInt8(ascii: "\n")
        rawBytes += line.count + 1
        lineCount += 1
    }

    func add(_ line: [UInt8]) throws(FileError) {
        var failure: FileError?
        line.withUnsafeBytes { bytes in
            do throws(FileError) { try add(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Adds a control line, which stands in a member alone.
    func addControl(_ line: UnsafeRawBufferPointer) throws(FileError) {
        try flush(.batch)
        try add(line)
        try flush(.control)
    }

    private func flush(_ kind: MemberKind) throws(FileError) {
        guard lineCount > 0 else { return }
        var header = segment.header(kind, count: lineCount, received: 0)
        header.flags = .rewritten
        header.timeFirst = times.earliest
        header.timeLast = times.latest
        member.deflate(UnsafeRawBufferPointer(rebasing: raw[..<rawBytes]))
        try fileSystem.writeAll(segment.file, member.frame(&header), at: segment.offset)
        segment.grow(by: header)
        if segment.offset - synchronizedBytes >= Self.syncBytes {
            try fileSystem.synchronizeData(segment.file)
            synchronizedBytes = segment.offset
        }
        rawBytes = 0
        lineCount = 0
        times = TimeSpan()
    }

    /// Writes the SEAL, which says how often the file was rewritten and what the next one links to.
    /// - Returns: the bytes of the file.
    func seal(_ rewrite: MemberHeader.Rewrite, flags: MemberFlags) throws(FileError) -> Int {
        try flush(.batch)
        var seal = segment.sealHeader
        seal.flags = flags.union(.rewritten)
        seal.rewrite = rewrite
        let bytes = MemberBuffer.empty(&seal)
        try fileSystem.writeAll(segment.file, bytes, at: segment.offset)
        try fileSystem.synchronize(segment.file)
        return seal.endOffset
    }
}
