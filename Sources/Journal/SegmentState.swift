/// One file as recovery knows it: by its ends where it is sealed, by a full scan where it isn't.
struct SegmentState {
    let name: String
    let firstSeq: UInt64
    var sealedHead: MemberHeader?
    var seal: MemberHeader?
    var scan: SegmentScan?

    var head: MemberHeader? { sealedHead ?? scan?.head }
    var isDamaged: Bool { scan.map { !$0.faults.isEmpty } ?? false }
    /// Nothing in it but at most a HEAD, and nothing wrong with it.
    var isEmptyAndSound: Bool {
        guard let scan, scan.faults.isEmpty, scan.torn == nil else { return false }
        return scan.lineCount == 0 && scan.seal == nil
    }
    var claimedEndSeq: UInt64 {
        guard let scan else { return seal?.endSeq ?? 0 }
        // Void and torn members have been cut off: only a damaged file's claims count.
        return scan.faults.isEmpty ? scan.endSeq ?? 0 : scan.claimedEndSeq
    }
    /// What the next file links to.
    var end: SegmentLinks.End? {
        if let seal {
            return SegmentLinks.End(
                node: seal.node, epoch: seal.epoch, endSeq: seal.endSeq,
                link: seal.rewrite?.original ?? seal.chain)
        }
        guard let scan else { return nil }
        return SegmentLinks.End(scan)
    }

    /// - Parameter next: the file behind it. Where there is one, this one's SEAL had been synced before
    ///   that was begun, unless it says RETRY; else the SEAL may be in the cache alone.
    static func read(
        _ name: String, next: SegmentState?, _ directory: DataDirectory,
        _ fileSystem: any FileSystem, _ reader: MemberReader
    ) throws(FileError) -> SegmentState {
        var state = SegmentState(
            name: name, firstSeq: SegmentFormat.firstSeq(fileName: name) ?? 0)
        let file = try fileSystem.open(directory.segment(name), .readWrite)
        defer { fileSystem.close(file) }
        let isDurable = next?.head.map { !$0.flags.contains(.retry) } ?? false
        if isDurable, try state.readEnds(fileSystem, file) { return state }
        // The cache can show what a failed write-back lost; so sync, forget, and only then read.
        try fileSystem.synchronizeData(file)
        fileSystem.forgetCached(file)
        if !isDurable, try state.readEnds(fileSystem, file) { return state }
        state.scan = SegmentScan(
            try SegmentBytes(fileSystem, file), name: name, reader: reader)
        // The disk itself failed: not the time to judge what is torn.
        if let error = state.scan?.diskError { throw error }
        return state
    }

    /// HEAD and SEAL of a file whose ends hold, or nil.
    static func ends(
        _ name: String, _ directory: DataDirectory, _ fileSystem: any FileSystem
    ) throws(FileError) -> (head: MemberHeader, seal: MemberHeader)? {
        var state = SegmentState(
            name: name, firstSeq: SegmentFormat.firstSeq(fileName: name) ?? 0)
        let file = try fileSystem.open(directory.segment(name), .read)
        defer { fileSystem.close(file) }
        guard try state.readEnds(fileSystem, file), let head = state.sealedHead,
            let seal = state.seal
        else { return nil }
        return (head, seal)
    }

    /// Reads HEAD and SEAL; false where they don't hold, or belong to different files.
    private mutating func readEnds(
        _ fileSystem: any FileSystem, _ file: OpenFile
    ) throws(FileError) -> Bool {
        let size = try fileSystem.size(file)
        guard
            let head = try Self.emptyMember(fileSystem, file, at: 0, size), head.kind == .head,
            head.firstSeq == firstSeq
        else { return false }
        for length in [SegmentFormat.emptyMemberBytes, SegmentFormat.emptyMemberBytes + 12] {
            guard
                let seal = try Self.emptyMember(fileSystem, file, at: size - length, size),
                seal.kind == .seal, seal.endOffset == size, seal.node == head.node,
                seal.epoch == head.epoch, seal.firstSeq == head.firstSeq
            else { continue }
            self.seal = seal
            sealedHead = head
            return true
        }
        return false
    }

    /// A HEAD or SEAL at `offset` with all its CRCs right, or nil.
    private static func emptyMember(
        _ fileSystem: any FileSystem, _ file: OpenFile, at offset: Int, _ size: Int
    ) throws(FileError) -> MemberHeader? {
        guard offset >= 0, offset < size else { return nil }
        var bytes = [UInt8](repeating: 0, count: SegmentFormat.emptyMemberBytes + 12)
        var failure: FileError?
        var header: MemberHeader?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(FileError) {
                let count = try fileSystem.readFully(file, into: buffer, at: offset)
                let found = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                guard let candidate = try? MemberHeader(found, at: offset) else { return }
                var again = candidate
                let made = MemberBuffer.empty(&again)
                if found.prefix(made.count).elementsEqual(made) { header = candidate }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return header
    }

    /// The text of the CONTROL lines a file opens with.
    static func openingControls(
        _ name: String, _ directory: DataDirectory, _ fileSystem: any FileSystem,
        _ reader: MemberReader
    ) throws(FileError) -> [UInt8] {
        let file = try fileSystem.open(directory.segment(name), .read)
        defer { fileSystem.close(file) }
        let bytes = try SegmentBytes(fileSystem, file)
        var text: [UInt8] = []
        var at = 0
        while let header = try? reader.header(bytes, at: at) {
            if header.kind == .control, let count = try? reader.inflate(bytes, header) {
                text += reader.raw[..<count]
            } else if header.kind != .head {
                break
            }
            at = header.endOffset
        }
        return text
    }
}
