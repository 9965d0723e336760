import Engagement
import Journal

/// Fills chunks of ids from their files, and from the log where those are missing or don't hold.
final class IDLoader {
    let chunk: IDChunk

    private let index: IDIndex?
    private let key: HashKey
    private let log: any DurableLog
    private let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: LineIdentity.scratchBytes, alignment: 8)
    /// Why files weren't used, and how many for each reason.
    private var refused: [String: Int] = [:]

    init(_ index: IDIndex?, chunk: IDChunk, key: HashKey, log: any DurableLog) {
        self.index = index
        self.chunk = chunk
        self.key = key
        self.log = log
    }

    deinit { scratch.deallocate() }

    /// Fills the chunk of the seqs from `first` on, as far as `last`.
    /// - Returns: whether the log had to be read for it.
    func load(at first: UInt64, through last: UInt64) throws -> Bool {
        if try !open(at: first) { chunk.begin(at: first) }
        chunk.cut(from: last + 1)
        return try fill(through: last)
    }

    /// Adds what the log holds of the chunk's further seqs.
    /// - Returns: whether there was any.
    func fill(through last: UInt64) throws -> Bool {
        let before = chunk.count
        let last = min(last, chunk.endSeq - 1)
        guard chunk.nextSeq <= last else { return false }
        try log.read(from: chunk.nextSeq, through: last) { batch in
            for i in 0..<batch.lineCount {
                let seq = batch.firstSeq + UInt64(i)
                var word = word(batch, i, seq)
                chunk.put(&word, 1, at: seq)
            }
        }
        return chunk.count > before
    }

    /// What a line has in a chunk.
    private func word(_ batch: Batch, _ index: Int, _ seq: UInt64) -> UInt64 {
        LineIdentity(batch, index, seq: seq, scratch: scratch)?.hash(key) ?? 0
    }

    /// Whether there is a file that holds, and that is this log's.
    private func open(at first: UInt64) throws -> Bool {
        guard let index else { return false }
        do throws(IDChunk.Refusal) {
            guard try index.load(chunk, at: first, key) else { return false }
        } catch {
            refused[error.rawValue, default: 0] += 1
            return false
        }
        if try agreesWithLog(index.checkedLines) { return true }
        refused["of another log", default: 0] += 1
        return false
    }

    /// Whether the log has the same lines at the chunk's end. A log that was set back to an earlier
    /// state and went on differently from there differs at each later seq.
    private func agreesWithLog(_ checkedLines: UInt64) throws -> Bool {
        let last = chunk.nextSeq - 1
        guard last <= log.watermark else { return false }
        let first = chunk.firstSeq
        let tail = last - first >= checkedLines ? last + 1 - checkedLines : first
        // Lines lost to damage say nothing, so others are asked; if none is left, what the chunk
        // remembers of them is all there is.
        return try agrees(tail...last) ?? agrees(first...last) ?? true
    }

    /// nil: the log doesn't hold one of these lines.
    private func agrees(_ seqs: ClosedRange<UInt64>) throws -> Bool? {
        var compared = 0
        var equal = 0
        try log.read(from: seqs.lowerBound, through: seqs.upperBound) { batch in
            for i in 0..<batch.lineCount {
                let seq = batch.firstSeq + UInt64(i)
                compared += 1
                if chunk[seq] == word(batch, i, seq) { equal += 1 }
            }
        }
        return compared == 0 ? nil : equal == compared
    }

    /// Tells of files that weren't used, if there are any.
    func tell() {
        guard let index, !refused.isEmpty else { return }
        let reasons = refused.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        index.notice(
            "id index files made again from the log: \(reasons.joined(separator: ", "))")
    }
}
