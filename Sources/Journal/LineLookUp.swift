/// Finds single stored lines by seq, keeping maps of the segments and the last member inflated:
/// looks come close together when a client sends again what it had sent before.
final class LineLookUp {
    /// Maps kept; a segment's is about 30 KiB.
    private static let mapLimit = 256

    private let segments: String
    private let fileSystem: any FileSystem
    private let reader = MemberReader()
    private var index = SegmentIndex()
    private var maps: [String: MemberMap] = [:]
    /// The lines that lie inflated in `reader.raw`.
    private var held: Range<UInt64> = 0..<0
    private var heldBytes = 0
    private let rewrites: @Sendable () -> UInt64
    private var seenRewrites: UInt64 = 0

    /// - Parameter rewrites: how many files this process has rewritten so far.
    init(
        segments: String, fileSystem: any FileSystem, rewrites: @escaping @Sendable () -> UInt64
    ) {
        self.segments = segments
        self.fileSystem = fileSystem
        self.rewrites = rewrites
    }

    func line(_ seq: UInt64) throws(FileError) -> [UInt8]? {
        // Lines as they were before an erasure must not be given any more.
        if rewrites() != seenRewrites { held = 0..<0 }
        seenRewrites = rewrites()
        if !held.contains(seq), try !hold(seq) { return nil }
        let base = UnsafeRawPointer(reader.raw.baseAddress!).assumingMemoryBound(to: UInt8.self)
        var at = 0
        for _ in held.lowerBound..<seq {
            guard let end = StoredLine.end(base, at, heldBytes) else { return nil }
            at = end + 1
        }
        guard let end = StoredLine.end(base, at, heldBytes) else { return nil }
        return Array(UnsafeBufferPointer(start: base + at, count: end - at))
    }

    /// Inflates the member that holds `seq`; false where none does.
    private func hold(_ seq: UInt64) throws(FileError) -> Bool {
        held = 0..<0
        // New segments appear while the daemon runs; the last one known may not be the last.
        if index.place(of: seq).map({ $0 == index.entries.count - 1 }) ?? true {
            try index.refresh(segments, fileSystem)
        }
        guard let i = index.place(of: seq) else { return false }
        let name = index.entries[i].name
        let file = try fileSystem.open(segments + "/" + name, .read)
        defer { fileSystem.close(file) }
        if maps.count >= Self.mapLimit { maps.removeAll(keepingCapacity: true) }
        let isKnown = maps[name] != nil
        if try inflate(seq, name, file) { return true }
        guard isKnown else { return false }
        // Another process may have rewritten the file: its members lie elsewhere now.
        maps[name] = nil
        return try inflate(seq, name, file)
    }

    private func inflate(
        _ seq: UInt64, _ name: String, _ file: OpenFile
    ) throws(FileError) -> Bool {
        var map = maps[name] ?? MemberMap()
        if map.find(seq) == nil { try map.extend(to: seq, fileSystem, file) }
        maps[name] = map
        guard let entry = map.find(seq) else { return false }
        let bytes = try SegmentBytes(fileSystem, file, readsAhead: false)
        do throws(MemberReader.Refusal) {
            let header = try reader.header(bytes, at: entry.offset)
            guard header.holdsLines, (header.firstSeq..<header.endSeq).contains(seq) else {
                return false
            }
            heldBytes = try reader.inflate(bytes, header)
            held = header.firstSeq..<header.endSeq
            return true
        } catch {
            if case .disk(let error) = error { throw error }
            return false
        }
    }
}
