import Engagement
import Journal

/// Keeps the id index files in step with the lines that are folded: collects their hashes, a chunk
/// at a time, and at start gives back those of the window.
final class IDKeeper {
    private let index: IDIndex?
    private let key: HashKey
    /// The chunk being collected: it knows every line from its first seq on. nil: there is no index,
    /// or `load` must come first.
    private var chunk: IDChunk?
    /// The first seq that a start would ask for.
    private var floor: UInt64 = 1
    private var forgotten = ForgottenIDs()
    private var hasComplained = false

    /// Seqs that are loaded at once without an index.
    private static let seqs = 1 << 18

    /// - Parameter last: the last seq that the store holds.
    init(_ index: IDIndex?, key: HashKey, last: UInt64) {
        self.index = index
        self.key = key
        if let index, last == 0 { chunk = IDChunk(capacity: Int(index.chunkSeqs)) }
    }

    var byteCount: Int { chunk?.byteCount ?? 0 }

    /// Retired lines that a start would ask for and whose ids nobody knows.
    var forgottenCount: Int { forgotten.count(from: floor) }

    /// Gives the hashes of `seqs` in order, in runs; 0: a line that counts nowhere, or none.
    /// Collecting goes on behind them.
    func load(
        _ seqs: ClosedRange<UInt64>, from log: any DurableLog,
        into: (ClosedRange<UInt64>, UnsafeBufferPointer<UInt64>) -> Void
    ) throws {
        let chunk = IDChunk(capacity: index.map { Int($0.chunkSeqs) } ?? Self.seqs)
        let loader = try IDLoader(index, chunk: chunk, key: key, log: log)
        var first = index?.chunk(of: seqs.lowerBound) ?? seqs.lowerBound
        while true {
            let isRead = try loader.load(at: first, through: seqs.upperBound)
            if isRead, chunk.isFull { store(chunk) }
            if chunk.nextSeq > max(first, seqs.lowerBound) {
                let run = max(first, seqs.lowerBound)...(chunk.nextSeq - 1)
                if first < loader.oldest { forgotten.add(chunk, run) }
                into(run, chunk.words(run))
            }
            if chunk.endSeq > seqs.upperBound { break }
            first = chunk.endSeq
        }
        loader.tell()
        if let index, let text = forgotten.description { index.notice(text) }
        if index != nil { self.chunk = chunk }
    }

    /// The hash of a line that was noted; nil: nobody knows it.
    func word(_ seq: UInt64) -> UInt64? {
        if let chunk, seq >= chunk.firstSeq, seq < chunk.nextSeq { return chunk[seq] }
        guard let index else { return nil }
        var word: UInt64?
        attempt { () throws(FileError) in word = try index.word(seq) }
        return word
    }

    /// Notes lines about to be folded, in seq order; they may come again.
    @inline(__always)
    func note(_ hashes: UnsafePointer<UInt64>, _ count: Int, at seq: UInt64) {
        if let chunk { note(hashes, count, at: seq, chunk) }
    }

    private func note(
        _ hashes: UnsafePointer<UInt64>, _ count: Int, at seq: UInt64, _ chunk: IDChunk
    ) {
        // Those of the chunk before come again after an error alone.
        var done = seq < chunk.firstSeq ? min(count, Int(chunk.firstSeq - seq)) : 0
        while done < count {
            let next = seq + UInt64(done)
            if next >= chunk.endSeq {
                store()
                chunk.begin(at: index?.chunk(of: next) ?? next)
            }
            let number = min(count - done, Int(chunk.endSeq - next))
            chunk.put(hashes + done, number, at: next)
            done += number
            if chunk.isFull { store(chunk) }
        }
    }

    /// Stores what is collected of a chunk, so that the next start need not read it from the log. A
    /// full one was stored when it became full.
    func store() {
        if let chunk, chunk.count > 0, !chunk.isFull { store(chunk) }
    }

    private func store(_ chunk: IDChunk) {
        guard let index, chunk.nextSeq > floor else { return }
        attempt { () throws(FileError) in
            try index.store(chunk, key)
            try index.clear(allBut: floor...UInt64.max)
        }
    }

    /// No start will ask for seqs below `seq` any more.
    func forget(below seq: UInt64) { floor = max(floor, seq) }

    /// Deletes files that no start will ask for, and those of seqs beyond the log: it lost them, and
    /// gives the seqs to other lines. Retention decides about those of retired lines.
    func tidy(_ log: any DurableLog) throws {
        guard let index else { return }
        let watermark = log.watermark
        index.keep(from: 1, through: try log.first - 1)
        attempt { () throws(FileError) in
            try index.clearHalfMade()
            try index.clear(allBut: min(floor, watermark)...watermark)
        }
    }

    /// Tells of the first error and goes on: without its files a start takes longer, that is all.
    private func attempt(_ body: () throws(FileError) -> Void) {
        do throws(FileError) { try body() } catch {
            guard let index, !hasComplained else { return }
            hasComplained = true
            index.notice(
                "id index files can't be read or kept, the next start reads the log: \(error)")
        }
    }
}
