package import Engagement

extension IDIndex {
    /// Makes all files of the last `window` seqs anew from the log and deletes every other: when
    /// nobody uses them. Of retired lines what the files hold stays.
    ///
    /// - Parameter progress: lines read, lines to read.
    /// - Returns: how many files were made.
    /// - Throws: `FileError`, or what the log throws.
    package func rebuildAll(
        from log: any DurableLog, idKey: HashKey, window: UInt64,
        _ progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws -> Int {
        let last = log.watermark
        let room = IDChunk(capacity: Int(chunkSeqs))
        let loader = try IDLoader(self, chunk: room, key: idKey, log: log)
        keep(from: 1, through: loader.oldest - 1)
        try clearHalfMade()
        try clear(allBut: 0...0)
        guard last > 0 else { return 0 }
        let start = chunk(of: last >= window ? last - window + 1 : 1)
        var files = 0
        for first in stride(from: start, through: last, by: Int(chunkSeqs)) {
            if try loader.renew(at: first, through: last) {
                try store(room, idKey)
                files += 1
            }
            progress(min(room.endSeq - 1, last) - start + 1, last - start + 1)
        }
        loader.tell()
        return files
    }
}
