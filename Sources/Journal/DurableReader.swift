package import Engagement

/// Reads stored lines in seq order: for catching up at start, for replay, and to look at one line.
///
/// What a sync error left twice comes once, torn tails don't come at all, and behind damage the
/// reading goes on, so seqs may be missing; `verifyJournal` says which. One thread at a time.
package final class DurableReader {
    let segments: String
    let fileSystem: any FileSystem
    var index = SegmentIndex()
    private let reader = MemberReader()
    private var lines = StoredLines()
    private lazy var ownBatch = Self.makeBatch()
    lazy var lookUp = LineLookUp(
        segments: segments, fileSystem: fileSystem, rewrites: rewrites)
    private let rewrites: @Sendable () -> UInt64

    /// - Parameters:
    ///   - segments: the directory of the segment files.
    ///   - rewrites: how many files this process has rewritten so far.
    package init(
        segments: String, fileSystem: any FileSystem = PosixFileSystem(),
        rewrites: @escaping @Sendable () -> UInt64 = { 0 }
    ) {
        self.segments = segments
        self.fileSystem = fileSystem
        self.rewrites = rewrites
    }

    /// A batch with room for the longest member: its body, unescaped values, and as many lines as
    /// 1 MiB can hold. Untouched pages cost nothing.
    package static func makeBatch() -> Batch {
        Batch(
            byteCapacity: 2 * SegmentFormat.maximumRawBytes, wordCapacity: 192 << 10,
            lineCapacity: 128 << 10)
    }

    /// Gives exactly the stored lines `from ... through` in order, a batch for each member; the
    /// first and the last member may be given in part.
    ///
    /// - Parameters:
    ///   - through: at most the watermark while a writer is at work; `UInt64.max` offline.
    ///   - nextBatch: where to read into, made by `makeBatch`; nil: one batch, used again for
    ///     every member, so that the handler must not keep it.
    /// - Throws: `FileError`, or what the handler throws.
    package func read(
        from: UInt64, through: UInt64, nextBatch: (() -> Batch)? = nil,
        into handler: (Batch) throws -> Void
    ) throws {
        guard from <= through else { return }
        try index.refresh(segments, fileSystem)
        var next = from
        for i in index.entries.indices.dropFirst(index.place(of: from) ?? 0) {
            let entry = index.entries[i]
            if entry.firstSeq > through { return }
            guard let file = try open(entry) else { continue }
            defer { fileSystem.close(file) }
            try read(
                file, from: &next, through: through, fileThrough: index.end(of: i) - 1,
                nextBatch: nextBatch, into: handler)
        }
    }

    /// nil: it was retired since the directory was read.
    private func open(_ entry: SegmentIndex.Entry) throws(FileError) -> OpenFile? {
        do throws(FileError) {
            return try fileSystem.open(segments + "/" + entry.name, .read)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    private func read(
        _ file: OpenFile, from next: inout UInt64, through: UInt64, fileThrough: UInt64,
        nextBatch: (() -> Batch)?, into handler: (Batch) throws -> Void
    ) throws {
        let bytes = try SegmentBytes(fileSystem, file)
        var at = try start(of: next, file)
        while at < bytes.size {
            do {
                let header = try reader.header(bytes, at: at)
                if header.holdsLines {
                    // A member that reaches into the next file's seqs is void or damage.
                    if header.firstSeq > through || header.endSeq - 1 > fileThrough { return }
                    if header.endSeq > next {
                        let last = min(header.endSeq - 1, through)
                        let batch = nextBatch?() ?? ownBatch
                        try fill(batch, bytes, header, wanted: next...last)
                        next = last + 1
                        try handler(batch)
                        if last == through { return }
                    }
                }
                at = header.endOffset
            } catch MemberReader.Refusal.disk(let error) {
                throw error
            } catch MemberReader.Refusal.fault {
                guard let hit = try nextHeader(bytes, from: at + 1) else { return }
                at = hit
            }
        }
    }

    private func fill(
        _ batch: Batch, _ bytes: SegmentBytes, _ header: MemberHeader,
        wanted: ClosedRange<UInt64>
    ) throws(MemberReader.Refusal) {
        batch.clear()
        let count = try reader.inflate(bytes, header, into: batch.bytes)
        batch.epoch = header.epoch
        let seqs = header.firstSeq..<header.endSeq
        let isFull = lines.fill(
            batch, rawBytes: count, seqs: seqs,
            wanted: max(wanted.lowerBound, seqs.lowerBound)..<(wanted.upperBound + 1))
        if !isFull { throw .fault(MemberFault(.count, torn: false)) }
    }

    /// Offset of the member that holds `seq`, or of the file's start where that isn't known.
    private func start(of seq: UInt64, _ file: OpenFile) throws(FileError) -> Int {
        var map = MemberMap()
        if let first = index.place(of: seq).map({ index.entries[$0].firstSeq }), first < seq {
            try map.extend(to: seq, fileSystem, file)
        }
        return map.find(seq)?.offset ?? 0
    }

    private func nextHeader(_ bytes: SegmentBytes, from: Int) throws(FileError) -> Int? {
        var at = from
        while let hit = try bytes.findMagic(from: at) {
            if (try? reader.header(bytes, at: hit)) != nil { return hit }
            at = hit + 1
        }
        return nil
    }

    /// The stored line with this seq, without its newline, or nil where none is. The member it was
    /// found in is kept for the next look.
    package func line(seq: UInt64) throws -> [UInt8]? {
        try lookUp.line(seq)
    }

    /// The oldest seq that there is; nil: there are no segments.
    package func firstSeq() throws(FileError) -> UInt64? {
        try index.refresh(segments, fileSystem)
        return index.entries.first?.firstSeq
    }

    /// The last seq that can be read; 0 where there is none. For offline use: it looks at the
    /// newest files whole.
    package func lastSeq() throws -> UInt64 {
        try index.refresh(segments, fileSystem)
        for entry in index.entries.reversed() {
            let file = try fileSystem.open(segments + "/" + entry.name, .read)
            defer { fileSystem.close(file) }
            let scan = SegmentScan(
                try SegmentBytes(fileSystem, file), name: entry.name, reader: reader)
            let body = scan.members.map(\.header).filter(\.holdsLines)
            if let end = body.map(\.endSeq).max() { return end - 1 }
        }
        return 0
    }
}
