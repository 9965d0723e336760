/// The segments of a directory by their first seq.
struct SegmentIndex {
    struct Entry {
        var firstSeq: UInt64
        var name: String
    }

    private(set) var entries: [Entry] = []

    mutating func refresh(_ directory: String, _ fileSystem: any FileSystem) throws(FileError) {
        entries = try DataDirectory.segmentNames(in: directory, fileSystem).compactMap { name in
            SegmentFormat.firstSeq(fileName: name).map { Entry(firstSeq: $0, name: name) }
        }
    }

    /// Index of the segment that holds `seq` if any does: the last that starts at or before it.
    func place(of seq: UInt64) -> Int? {
        entries.lastIndex { $0.firstSeq <= seq }
    }

    /// Seqs from here on are void in the segment at `i`: the next one holds them.
    func end(of i: Int) -> UInt64 {
        i + 1 < entries.count ? entries[i + 1].firstSeq : .max
    }
}
