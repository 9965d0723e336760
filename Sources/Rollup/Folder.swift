package import Engagement

/// Durable lines in seq order → deduplicated by (site, id) → folded → applied: the one path of live
/// roll-up, catch-up and replay. Not thread-safe.
package final class Folder {
    package let store: any DeltaStore
    /// The seq expected next.
    package private(set) var next: UInt64
    /// Seqs that the log didn't hold any more when their turn came: retention, or damage.
    package private(set) var missing: UInt64 = 0
    /// What the store holds.
    package private(set) var stored: Progress

    private let log: any DurableLog
    private let fold: Fold
    private let idKey: HashKey
    private let identities: StoredIdentities
    private let ids: IDKeeper
    private var seen: SeenIDs
    private var recent = RecentIdentities()
    private let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: LineIdentity.scratchBytes, alignment: 8)

    /// Loads what the store holds. `rebuild` must follow before lines are taken.
    /// - Parameters:
    ///   - idKey: of the data directory, for the hashes of ids.
    ///   - window: seqs within which a repeated (site, id) is a duplicate.
    ///   - ids: files of ids, kept in step; nil: `rebuild` reads the log.
    package init(
        log: any DurableLog, store: any DeltaStore, idKey: HashKey, window: UInt64,
        ids: IDIndex? = nil
    ) throws {
        self.log = log
        self.store = store
        self.idKey = idKey
        let state = try store.load()
        stored = state.progress
        next = state.progress.lastSeq + 1
        fold = Fold(state, naturalKeys: store)
        identities = StoredIdentities(log)
        self.ids = IDKeeper(ids, key: idKey, last: state.progress.lastSeq)
        seen = SeenIDs(window: window)
        dropped = state.dropped
    }

    /// Hashes of (site, id) of the lines looked at ahead; 0: a line that counts nowhere.
    private let hashes = UnsafeMutablePointer<UInt64>.allocate(capacity: Fold.groupLines + 1)

    deinit {
        scratch.deallocate()
        hashes.deallocate()
    }

    private var dropped: [ClosedRange<UInt64>]

    package var delta: Delta { fold.delta }

    /// Bytes that the set of seen ids takes, and what is collected for its files.
    package var seenBytes: Int { seen.byteCount + ids.byteCount }

    /// Retired lines within the window whose ids are lost: repetitions of theirs count.
    package var forgottenIDs: Int { ids.forgottenCount }

    /// Notes the ids of the lines that were folded before, as far back as the window reaches: from
    /// their files, and from the log where those are missing.
    ///
    /// A line that was dropped was never kept, so it must not be noted: the store remembers which.
    /// - Parameter progress: lines noted, lines to note.
    package func rebuild(_ progress: (UInt64, UInt64) -> Void = { _, _ in }) throws {
        let last = stored.lastSeq
        let from = windowStart(at: last)
        ids.forget(below: from)
        try ids.tidy(log)
        guard last > 0 else { return }
        seen.reserve(Int(last - from + 1), now: last)
        var gaps = dropped.sorted { $0.lowerBound < $1.lowerBound }[...]
        try ids.load(from...last, from: log) { seqs, words in
            var next = seqs.lowerBound
            while next <= seqs.upperBound {
                while let gap = gaps.first, gap.upperBound < next { gaps.removeFirst() }
                let end = min(gaps.first?.lowerBound ?? .max, seqs.upperBound + 1)
                if end > next {
                    let run = Int(next - seqs.lowerBound)..<Int(end - seqs.lowerBound)
                    seen.note(UnsafeBufferPointer(rebasing: words[run]), from: next)
                }
                next = max(end, (gaps.first?.upperBound ?? 0) + 1)
            }
            progress(seqs.upperBound - from + 1, last - from + 1)
        }
        dropped = []
    }

    /// The first seq that can still make the one after `last` a duplicate.
    private func windowStart(at last: UInt64) -> UInt64 {
        last >= seen.window ? last - seen.window + 1 : 1
    }

    /// Folds the lines of a batch that weren't folded yet. After an error the same batch may be
    /// taken again: it goes on with the line that failed.
    /// Seqs between `next` and the batch are no longer in the log: they are counted as missing.
    package func take(_ batch: Batch) throws {
        guard batch.lineCount > 0, batch.lastSeq >= next else { return }
        if batch.firstSeq > next {
            missing += batch.firstSeq - next
            next = batch.firstSeq
        }
        var from = Int(next - batch.firstSeq)
        while from < batch.lineCount {
            let to = min(batch.lineCount, from + Fold.groupLines)
            warm(batch, from, to)
            ids.note(hashes, to - from, at: next)
            for i in from..<to {
                try take(batch, i, hashes[i - from])
                next += 1
            }
            from = to
        }
    }

    /// Loads what a group of lines needs, so that their waits for memory overlap.
    private func warm(_ batch: Batch, _ from: Int, _ to: Int) {
        let firstSeq = batch.firstSeq
        var sink: UInt64 = 0
        for i in from..<to {
            let identity = LineIdentity(batch, i, seq: firstSeq + UInt64(i), scratch: scratch)
            let hash = identity?.hash(idKey) ?? 0
            hashes[i - from] = hash
            sink ^= seen.touch(hash)
            if let identity { recent.note(firstSeq + UInt64(i), identity) }
        }
        hashes[Fold.groupLines] = sink
        fold.warm(batch, from: from, to: to, seq: firstSeq + UInt64(from))
    }

    private func take(_ batch: Batch, _ index: Int, _ hash: UInt64) throws {
        if notedSeq != next, hash != 0 {
            let isSeen = try seen.check(hash, seq: next) { seq in
                try isStored(seq, batch, index)
            }
            if isSeen {
                fold.drop(batch, index: index, seq: next)
                return
            }
            notedSeq = next
        }
        _ = try fold.fold(batch, index: index, seq: next)
    }

    /// Whether the stored line `seq` is the same event as a line of the batch.
    ///
    /// Where the log holds the stored line no more, retired or lost to damage, its hash alone must do,
    /// all 64 bits of it where they are known: it was counted, so counting its repetition would count
    /// it twice, and two of 20 million ids share 64 bits once in 10^5.
    private func isStored(_ seq: UInt64, _ batch: Batch, _ index: Int) throws -> Bool {
        guard let identity = LineIdentity(batch, index, seq: next, scratch: scratch) else {
            return false
        }
        return try recent.matches(seq, identity) ?? identities.matches(seq, identity)
            ?? (ids.word(seq).map { $0 == identity.hash(idKey) } ?? true)
    }

    /// The line whose id was noted last: a line taken again must not meet itself.
    private var notedSeq: UInt64 = 0

    /// Applies the delta and empties it. After an error the delta is as it was.
    package func flush() throws {
        guard !delta.isEmpty else { return }
        let added = try store.apply(delta)
        stored.lastSeq = added.lastSeq
        stored.lastReceivedMilliseconds = max(
            stored.lastReceivedMilliseconds, added.lastReceivedMilliseconds)
        stored.applied += added.applied
        stored.duplicates += added.duplicates
        stored.anonymised += added.anonymised
        delta.clear()
        ids.forget(below: windowStart(at: stored.lastSeq))
    }

    /// Stores what is collected of the newest index file: at an orderly stop, so that the next start
    /// reads nothing of the log.
    package func storeIDs() { ids.store() }

    /// Folds and applies what is stored from `next` through `last`: catch-up, and replay when the
    /// store is empty. Flushes by size alone, as nobody waits.
    /// - Parameter progress: lines done, lines to do.
    package func catchUp(
        through last: UInt64, flushBytes: Int = 192 << 20,
        _ progress: (UInt64, UInt64) throws -> Void = { _, _ in }
    ) throws {
        guard last >= next else { return }
        // Files of what will be too old at the end aren't worth writing.
        ids.forget(below: windowStart(at: last))
        let from = next
        try log.read(from: from, through: last) { batch in
            try take(batch)
            if delta.byteCount >= flushBytes { try flush() }
            try progress(next - from, last - from + 1)
        }
        try flush()
    }
}
