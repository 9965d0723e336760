import Engagement
import Journal

/// Fills chunks of ids from their files, and from the log where those are missing or don't hold.
final class IDLoader {
    let chunk: IDChunk
    /// The oldest seq that the log holds.
    let oldest: UInt64

    private let index: IDIndex?
    private let key: HashKey
    private let log: any DurableLog
    private let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: LineIdentity.scratchBytes, alignment: 8)
    /// Why files weren't used, and how many for each reason.
    private var refused: [String: Int] = [:]

    init(_ index: IDIndex?, chunk: IDChunk, key: HashKey, log: any DurableLog) throws {
        self.index = index
        self.chunk = chunk
        self.key = key
        self.log = log
        oldest = try log.first
    }

    deinit { scratch.deallocate() }

    /// Fills the chunk of the seqs from `first` on, as far as `last`.
    /// - Returns: whether its file doesn't hold all of that.
    func load(at first: UInt64, through last: UInt64) throws -> Bool {
        try open(at: first)
        chunk.cut(from: last + 1)
        return try fill(through: last)
    }

    /// Fills the chunk of the seqs from `first` on at least as far as `last`.
    /// - Returns: whether its file doesn't hold all of that.
    func extend(at first: UInt64, through last: UInt64) throws -> Bool {
        try open(at: first)
        return try fill(through: last)
    }

    /// Fills the chunk of the seqs from `first` on, as far as `last`, from the log wherever that holds
    /// the lines.
    func renew(at first: UInt64, through last: UInt64) throws -> Bool {
        chunk.begin(at: first)
        if first < oldest {
            try open(at: first)
            chunk.cut(from: oldest)
        }
        return try fill(through: last)
    }

    /// Adds what the log holds of the chunk's further seqs; what it holds no more is forgotten.
    /// - Returns: whether there was any.
    private func fill(through last: UInt64) throws -> Bool {
        let before = chunk.count
        let last = min(last, chunk.endSeq - 1)
        guard chunk.nextSeq <= last else { return false }
        chunk.forget(before: min(oldest, last + 1))
        if chunk.nextSeq > last { return true }
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

    // MARK: The file

    /// Takes as much of the chunk's file as can be believed.
    /// - Throws: a `FileError` where lines that the log no longer holds are at stake.
    private func open(at first: UInt64) throws {
        chunk.begin(at: first)
        guard let index else { return }
        do {
            guard try index.load(chunk, at: first, key) else { return }
        } catch let refusal as IDChunk.Refusal {
            refused[refusal.rawValue, default: 0] += 1
            return
        } catch let error as FileError {
            chunk.begin(at: first)
            // What can't be read now may be read the next time: it must not be taken for lost.
            if first < oldest { throw error }
            refused["unreadable", default: 0] += 1
            return
        }
        if try agreesWithLog(index.checkedLines) { return }
        refused["of another log", default: 0] += 1
        chunk.cut(from: try beginsLikeLog() ? oldest : first)
    }

    /// Whether the log has the same lines at the chunk's end. A log that was set back to an earlier
    /// state and went on differently from there differs at each later seq.
    private func agreesWithLog(_ checkedLines: UInt64) throws -> Bool {
        let last = chunk.nextSeq - 1
        guard last <= log.watermark else { return false }
        let first = chunk.firstSeq
        let tail = last - first >= checkedLines ? last + 1 - checkedLines : first
        // Lines that are lost or retired say nothing, so others are asked; if none is left, what the
        // chunk remembers of them is all there is.
        return try (compare(tail...last) ?? compare(first...last))?.isEqual ?? true
    }

    /// Whether the log, where it begins within the chunk, begins with the chunk's lines: then those
    /// before were the same, too, and it went on differently later.
    private func beginsLikeLog() throws -> Bool {
        let last = min(chunk.nextSeq - 1, log.watermark)
        guard chunk.firstSeq < oldest, oldest <= last else { return false }
        return try compare(oldest...last)?.beginsEqual ?? true
    }

    private struct Comparison {
        var isEqual = true
        /// Of the first line that counts.
        var beginsEqual = true
        var hasBegun = false
    }

    /// nil: the log doesn't hold one of these lines.
    private func compare(_ seqs: ClosedRange<UInt64>) throws -> Comparison? {
        var found: Comparison?
        try log.read(from: seqs.lowerBound, through: seqs.upperBound) { batch in
            var comparison = found ?? Comparison()
            for i in 0..<batch.lineCount {
                let seq = batch.firstSeq + UInt64(i)
                let word = word(batch, i, seq)
                let isEqual = chunk[seq] == word
                if !isEqual { comparison.isEqual = false }
                if !comparison.hasBegun, word != 0 || !isEqual {
                    comparison.hasBegun = true
                    comparison.beginsEqual = isEqual
                }
            }
            found = comparison
        }
        return found
    }

    /// Tells of files that weren't used, if there are any.
    func tell() {
        guard let index, !refused.isEmpty else { return }
        let reasons = refused.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        index.notice(
            "id index files made again from the log: \(reasons.joined(separator: ", "))")
    }
}
