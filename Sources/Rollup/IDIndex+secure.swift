package import Engagement
import Journal

extension IDIndex {
    /// Makes the ids of lines durable, so that the lines themselves may be deleted.
    ///
    /// What the roll-up has put into the files so far is used, the rest is read from the log.
    /// - Throws: `FileError`, or what the log throws; then the lines must stay.
    func secure(
        _ seqs: ClosedRange<UInt64>, from log: any DurableLog, idKey: HashKey
    ) throws {
        // First, or the roll-up might delete a file that was found here.
        keep(from: seqs.lowerBound, through: seqs.upperBound)
        let loader = try IDLoader(
            self, chunk: IDChunk(capacity: Int(chunkSeqs)), key: idKey, log: log)
        // The ids of lines retired earlier were made durable then.
        var first = chunk(of: max(seqs.lowerBound, loader.oldest))
        while first <= seqs.upperBound {
            if try loader.extend(at: first, through: seqs.upperBound) {
                try store(loader.chunk, idKey, by: .retention)
            } else {
                try synchronize(first)
            }
            first += chunkSeqs
        }
        loader.tell()
        try fileSystem.synchronizeDirectory(directory)
        try fileSystem.synchronizeDirectory(parent)
    }

    private func synchronize(_ chunk: UInt64) throws {
        let file = try fileSystem.open(path(chunk), .readWrite)
        defer { fileSystem.close(file) }
        try fileSystem.synchronize(file)
    }

    private var parent: String {
        guard let slash = directory.lastIndex(of: "/") else { return "." }
        return slash == directory.startIndex ? "/" : String(directory[..<slash])
    }

    /// Which lines of these, all retired, have no id any more.
    /// - Returns: nil: none; else a sentence.
    package func examine(_ seqs: ClosedRange<UInt64>, idKey: HashKey) throws -> String? {
        let room = IDChunk(capacity: Int(chunkSeqs))
        var forgotten = ForgottenIDs()
        var first = chunk(of: seqs.lowerBound)
        while first <= seqs.upperBound {
            room.begin(at: first)
            do { _ = try load(room, at: first, idKey) } catch is IDChunk.Refusal {}
            let last = min(seqs.upperBound, room.endSeq - 1)
            room.forget(before: last + 1)
            forgotten.add(room, max(seqs.lowerBound, first)...last)
            first += chunkSeqs
        }
        return forgotten.description
    }
}
