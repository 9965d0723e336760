import Glibc

/// Making, sealing and giving up files.
extension SegmentWriter {
    /// Sees to it that there is a segment for the next member, and a new one where the old is full.
    func makeReady(_ received: Int64) throws(WriteTrouble) {
        guard let segment = current else {
            let file = try openNew()
            return try finishNew(file, received)
        }
        guard isFull(segment) else { return }
        // The new file is opened before the old one is sealed: without a descriptor for it the
        // old one can still grow.
        let file: OpenFile
        do throws(WriteTrouble) {
            file = try openNew()
        } catch {
            if case .unsafe = error { throw error }
            if !stayed { notice(.stayedInSegment(error.error)) }
            stayed = true
            return
        }
        stayed = false
        do throws(WriteTrouble) {
            try seal()
        } catch {
            discard(file)
            throw error
        }
        try finishNew(file, received)
    }

    func isFull(_ segment: OpenSegment) -> Bool {
        guard segment.lineCount > 0 else { return false }
        return segment.offset >= limits.segmentBytes || isOld(segment)
    }

    func isOld(_ segment: OpenSegment) -> Bool {
        clock.monotonicNanoseconds() &- segment.madeNanoseconds >= limits.segmentAgeNanoseconds
    }

    private var newName: String { SegmentFormat.fileName(firstSeq: nextSeq) }
    private var newPath: String { directory.segment(newName) }

    /// The new file under its temporary name.
    private func openNew() throws(WriteTrouble) -> OpenFile {
        let path = newPath
        return try writing { () throws(FileError) in
            if try fileSystem.sizeOfFile(path) != nil {
                // Never over something that may hold acknowledged lines.
                throw FileError(operation: "create", path: path, code: EEXIST)
            }
            if try fileSystem.sizeOfFile(path + ".tmp") != nil {
                try fileSystem.unlink(path + ".tmp")
            }
            return try folder.open(path + ".tmp", .create)
        }
    }

    private func discard(_ file: OpenFile) {
        fileSystem.close(file)
        try? fileSystem.unlink(file.path)
    }

    /// Writes the HEAD and gives the file its name; what it is called for is durable then.
    private func finishNew(_ file: OpenFile, _ received: Int64) throws(WriteTrouble) {
        var head = MemberHeader(
            kind: .head, flags: nextFlags, node: node, firstSeq: nextSeq, epoch: epoch,
            timeFirst: received, timeLast: received, offset: 0, chain: nextChain)
        let bytes = MemberBuffer.empty(&head)
        // Had before the file has its name, for which a want of descriptors would come too late.
        let names: OpenFile
        do throws(WriteTrouble) {
            names = try writing { () throws(FileError) in try folder.opened() }
        } catch {
            discard(file)
            throw error
        }
        do throws(WriteTrouble) {
            try writing { () throws(FileError) in try fileSystem.writeAll(file, bytes, at: 0) }
            try syncing { () throws(FileError) in try fileSystem.synchronize(file) }
            try writing { () throws(FileError) in try fileSystem.rename(file.path, to: newPath) }
        } catch {
            discard(file)
            throw error
        }
        let named = OpenFile(number: file.number, path: newPath)
        current = OpenSegment(
            file: named, name: newName, head: head, madeNanoseconds: clock.monotonicNanoseconds())
        try syncing { () throws(FileError) in try fileSystem.synchronize(names) }
        statistics.segments += 1
        statistics.storedBytes += UInt64(bytes.count)
    }

    /// Closes the current segment for ever.
    func seal() throws(WriteTrouble) {
        guard let segment = current else { return }
        var header = segment.sealHeader
        let bytes = MemberBuffer.empty(&header)
        try writing { () throws(FileError) in
            // What a failed write has left there would follow the SEAL.
            if try fileSystem.size(segment.file) > segment.offset {
                try fileSystem.truncate(segment.file, to: segment.offset)
            }
            try fileSystem.writeAll(segment.file, bytes, at: segment.offset)
        }
        try syncing { () throws(FileError) in try fileSystem.synchronizeData(segment.file) }
        fileSystem.close(segment.file)
        folder.keepReserve()
        current = nil
        nextChain = segment.link
        nextFlags = []
        statistics.storedBytes += UInt64(bytes.count)
    }

    /// Leaves a file that can't be trusted, once; the next member goes to a new one.
    func abandon(_ error: FileError) throws(FileError) {
        guard !hasRetried else { throw error }
        hasRetried = true
        notice(.writingAgain(error))
        guard let segment = current else { return }
        if segment.lineCount > 0 { return leaveUnsealed(segment) }
        // Its name is wanted: the disputed batch was to be its first.
        fileSystem.close(segment.file)
        current = nil
        nextChain = segment.head.chain
        nextFlags = segment.head.flags
        try fileSystem.rename(
            segment.file.path,
            to: directory.quarantine + "/\(segment.name).unsynced-\(epoch)")
        try fileSystem.synchronizeDirectory(directory.quarantine)
        try fileSystem.synchronizeDirectory(directory.segments)
    }

    /// The file stays without SEAL until the next start; what it holds from the next seq on is
    /// void, because the next HEAD says so.
    func leaveUnsealed(_ segment: OpenSegment) {
        hasRetried = true
        fileSystem.close(segment.file)
        current = nil
        nextChain = segment.link
        nextFlags = .retry
    }

    /// Seals the segment that is being written, if it holds lines and a descriptor for the next one is there.
    /// - Returns: false where it can't be sealed for now.
    func rollOver() throws(FileError) -> Bool {
        guard let segment = current, segment.lineCount > 0 else { return true }
        if stayed || !folder.keepReserve() { return false }
        do throws(WriteTrouble) { try seal() } catch {
            guard case .unsafe(let error) = error else {
                try? fileSystem.truncate(segment.file, to: segment.offset)
                return false
            }
            try abandon(error)
        }
        return true
    }

    /// Seals a segment that has grown old without new lines, and looks after the disk's room. While
    /// no new file could be opened the old one stays: it is all there is to write to.
    /// - Returns: free bytes, or nil where the disk doesn't say.
    package func keepHouse() throws(FileError) -> Int? {
        if let segment = current, isOld(segment) { _ = try rollOver() }
        guard let free = try? fileSystem.freeBytes(directory.root) else { return nil }
        do throws(FileError) {
            try ballast.restore(freeBytes: free, above: limits.lowWaterBytes)
        } catch { notice(.ballastFailed(error)) }
        return free
    }

    /// The orderly end: seals what holds lines, removes what doesn't.
    package func finish() {
        guard let segment = current else { return }
        if segment.lineCount > 0 {
            do throws(WriteTrouble) { return try seal() } catch {
                notice(.sealFailed(error.error))
                fileSystem.close(segment.file)
            }
        } else {
            fileSystem.close(segment.file)
            try? fileSystem.unlink(segment.file.path)
            try? fileSystem.synchronizeDirectory(directory.segments)
        }
        current = nil
    }
}
