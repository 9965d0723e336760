/// A natural key that stands for ever: the first line by seq wins.
package enum NaturalKind: Sendable { case order, refund }

/// Answers whether an order or refund is stored already. Pending ones the fold knows itself.
package protocol NaturalKeys: AnyObject {
    func contains(
        _ kind: NaturalKind, site: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer
    ) throws -> Bool
}

/// Where deltas go: the seam between the roll-up and the ledger. Called on one thread.
package protocol DeltaStore: NaturalKeys {
    /// What the roll-up starts from.
    func load() throws -> StoredState
    /// Merges a delta and its progress in one transaction: all of it or nothing.
    /// - Returns: what it added to the progress; lines that a purge made anonymous are among it.
    func apply(_ delta: Delta) throws -> Progress
    /// Moves what the write-ahead log holds into the main file.
    func checkpoint() throws
}

/// What a store held when it was opened.
package struct StoredState: Sendable {
    package var progress: Progress
    /// Key of the hashes that the store keeps.
    package var hashKey: HashKey
    /// Subjects whose tracking is withdrawn, as `c/<customer>` or `v/<site>/<visitor>`.
    package var withdrawn: [[UInt8]]
    /// Seqs dropped by (site, id): they were never kept, so a repetition is not judged by them.
    package var dropped: [ClosedRange<UInt64>]

    package init(
        progress: Progress, hashKey: HashKey, withdrawn: [[UInt8]] = [],
        dropped: [ClosedRange<UInt64>] = []
    ) {
        self.progress = progress
        self.hashKey = hashKey
        self.withdrawn = withdrawn
        self.dropped = dropped
    }
}
