import Glibc

/// Puts a sealed segment's lines into a new file of the same name, some of them changed: how a person
/// is erased from the log, and how old segments are packed more tightly.
///
/// Name, seqs, epoch and the chain value of the HEAD stay, and the SEAL carries the old one's chain,
/// so that the link to the next file holds. The new file is made under a temporary name, synced and
/// read back from the disk before it takes the old one's place, in one step: a crash leaves the one or
/// the other. Readers that have the old file open go on reading it. What doesn't hold is not
/// rewritten.
///
/// For one thread, in its turn (`SegmentTurn`): a file must not be retired while it is rewritten.
package final class SegmentRewriter {
    package struct Change: Equatable, Sendable {
        package var changedLines = 0
        package var bytesBefore = 0
        package var bytesAfter = 0
        /// How often the file was rewritten, this time included.
        package var generation: UInt32 = 0
    }

    /// How hard the new file's members are squeezed.
    package enum Packing: Sendable {
        /// Below what `gzip -9` makes of the same lines in one piece: a fifth less than the live log, at
        /// thirty times the work.
        case tight
        /// As fast as the live log is written.
        case fast

        var codec: MemberCodec {
            switch self {
            // zlib is linked always; it can only fail for want of memory.
            case .tight:
                MemberCodec(backend: .libdeflate, level: 8) ?? MemberCodec(
                    backend: .zlib, level: 9)!
            case .fast: MemberCodec()
            }
        }
    }

    /// Of the same files, for those who look before they rewrite.
    package let bodies: SegmentBodies
    private let packing: Packing
    private let replaced: @Sendable () -> Void
    private var directory: DataDirectory { bodies.directory }
    private var fileSystem: any FileSystem { bodies.fileSystem }

    /// - Parameter replaced: called after each file that took an older one's place.
    package init(
        directory: DataDirectory, fileSystem: any FileSystem = PosixFileSystem(),
        packing: Packing = .tight, replaced: @escaping @Sendable () -> Void = {}
    ) {
        bodies = SegmentBodies(directory: directory, fileSystem: fileSystem)
        self.packing = packing
        self.replaced = replaced
    }

    /// Rewrites one segment, durable on return.
    ///
    /// - Parameters:
    ///   - evenUnchanged: also where no line changes, to pack it.
    ///   - shouldStop: asked between members; nothing has changed then.
    /// - Returns: nil where no line changes: nothing was written.
    package func rewrite(
        _ name: String, _ edit: inout some LineEdit, evenUnchanged: Bool = false,
        shouldStop: () -> Bool = { false }
    ) throws(SegmentRefusal) -> Change? {
        if !evenUnchanged, try !changes(name, &edit, shouldStop) { return nil }
        try bodies.check(name, shouldStop: shouldStop)
        let old = try bodies.ends(name)
        let temporary = directory.segment(name) + ".tmp"
        do throws(SegmentRefusal) {
            let change = try write(name, old, to: temporary, &edit, shouldStop)
            try prove(temporary, name, old, change, shouldStop)
            try onDisk { () throws(FileError) in
                try fileSystem.rename(temporary, to: directory.segment(name))
                replaced()
                try fileSystem.synchronizeDirectory(directory.segments)
            }
            return change
        } catch {
            try? fileSystem.unlink(temporary)
            throw error
        }
    }

    /// Whether any line would change.
    private func changes(
        _ name: String, _ edit: inout some LineEdit, _ shouldStop: () -> Bool
    ) throws(SegmentRefusal) -> Bool {
        var found = false
        try bodies.read(name, shouldStop: shouldStop) { body throws(SegmentRefusal) in
            guard !body.isControl, edit.mayChange(body.bytes) else { return true }
            let holds = try body.lines { line, seq throws(SegmentRefusal) in
                if !found, edit.edited(line, seq: seq) != nil { found = true }
            }
            // What doesn't hold is told of by the check that follows.
            if !holds { found = true }
            return !found
        }
        return found
    }

    private func write(
        _ name: String, _ old: (head: MemberHeader, seal: MemberHeader), to path: String,
        _ edit: inout some LineEdit, _ shouldStop: () -> Bool
    ) throws(SegmentRefusal) -> Change {
        var change = Change(bytesBefore: old.seal.endOffset)
        let file = try onDisk { () throws(FileError) in
            if try fileSystem.sizeOfFile(path) != nil { try fileSystem.unlink(path) }
            return try fileSystem.open(path, .create)
        }
        defer { fileSystem.close(file) }
        let copy = try onDisk { () throws(FileError) in
            try SegmentCopy(file, name: name, head: old.head, packing, fileSystem)
        }
        try bodies.read(name, shouldStop: shouldStop) { body throws(SegmentRefusal) in
            let mayChange = !body.isControl && edit.mayChange(body.bytes)
            _ = try body.lines { line, seq throws(SegmentRefusal) in
                let new = mayChange ? edit.edited(line, seq: seq) : nil
                if new != nil { change.changedLines += 1 }
                try onDisk { () throws(FileError) in
                    if body.isControl { return try copy.addControl(line) }
                    guard let new else { return try copy.add(line) }
                    try copy.add(new)
                }
            }
            return true
        }
        change.generation = 1 + (old.seal.rewrite?.generation ?? 0)
        change.bytesAfter = try onDisk { () throws(FileError) in
            try copy.seal(rewrite(of: old.seal, change), flags: old.seal.flags)
        }
        return change
    }

    private func rewrite(of seal: MemberHeader, _ change: Change) -> MemberHeader.Rewrite {
        MemberHeader.Rewrite(
            generation: change.generation, original: seal.rewrite?.original ?? seal.chain)
    }

    /// Reads the new file from the disk, as `verify` does, and sees that it can stand for the old one.
    private func prove(
        _ path: String, _ name: String, _ old: (head: MemberHeader, seal: MemberHeader),
        _ change: Change, _ shouldStop: () -> Bool
    ) throws(SegmentRefusal) {
        let scan = try onDisk { () throws(FileError) in
            let file = try fileSystem.open(path, .read)
            defer { fileSystem.close(file) }
            fileSystem.forgetCached(file)
            return SegmentScan(
                try SegmentBytes(fileSystem, file), name: name, reader: bodies.reader,
                shouldStop: shouldStop)
        }
        if scan.wasStopped { throw .stopped }
        if let error = scan.diskError { throw .disk(error) }
        guard scan.faults.isEmpty, scan.torn == nil, let head = scan.head, let seal = scan.seal,
            scan.members.allSatisfy({ $0.header.flags.contains(.rewritten) }),
            (head.node, head.epoch, head.firstSeq) == (
                old.head.node, old.head.epoch, old.head.firstSeq
            ),
            head.chain == old.head.chain, seal.count == old.seal.count,
            (seal.timeFirst, seal.timeLast) == (old.seal.timeFirst, old.seal.timeLast),
            seal.rewrite == rewrite(of: old.seal, change), scan.size == change.bytesAfter
        else { throw .disk(FileError(operation: "read back", path: path, code: EIO)) }
    }
}
