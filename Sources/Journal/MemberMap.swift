/// Where in a segment each member of lines starts: found once by hopping from header to header,
/// so that a seq is found without reading what lies before it.
struct MemberMap {
    struct Entry {
        var firstSeq: UInt64
        var endSeq: UInt64
        var offset: Int
    }

    private(set) var entries: [Entry] = []
    private var nextOffset = 0

    /// Adds the members from where the map ended up to the one that holds `seq`.
    ///
    /// Stops at the first header that doesn't hold: a reader that needs what lies behind damage
    /// walks the bytes.
    mutating func extend(
        to seq: UInt64, _ fileSystem: any FileSystem, _ file: OpenFile
    ) throws(FileError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: SegmentFormat.longHeaderBytes, alignment: 8)
        defer { buffer.deallocate() }
        while (entries.last?.endSeq ?? 0) <= seq {
            let count = try fileSystem.readFully(file, into: buffer, at: nextOffset)
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            guard let header = try? MemberHeader(bytes, at: nextOffset), header.kind != .seal else {
                return
            }
            if header.holdsLines {
                entries.append(
                    Entry(
                        firstSeq: header.firstSeq, endSeq: header.endSeq, offset: header.offset))
            }
            nextOffset = header.endOffset
        }
    }

    /// The member that holds `seq`, or nil.
    func find(_ seq: UInt64) -> Entry? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].endSeq <= seq { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, entries[low].firstSeq <= seq else { return nil }
        return entries[low]
    }
}
