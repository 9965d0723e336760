package import Engagement
package import Journal

/// Deletes segments that are due, once everything that goes on without them is durable: counters,
/// snapshots, and the ids of their lines, so that a repetition of one is still noticed.
package struct SegmentRetirement: Sendable {
    private let retention: Retention
    private let ids: IDIndex
    private let log: any DurableLog
    private let idKey: HashKey
    private let window: UInt64

    /// - Parameters:
    ///   - log: of its own, as it is read on the caller's thread.
    ///   - idKey: of the data directory, for the hashes of ids.
    ///   - window: seqs within which a repeated (site, id) is a duplicate.
    package init(
        _ retention: Retention, ids: IDIndex, log: any DurableLog, idKey: HashKey, window: UInt64
    ) {
        self.retention = retention
        self.ids = ids
        self.log = log
        self.idKey = idKey
        self.window = window
    }

    /// - Parameters:
    ///   - counted: a checkpointed ledger counts through it, and so does every snapshot that is kept.
    ///   - deleted: told of each segment, after it is gone for good.
    /// - Throws: `FileError`, or what the log throws; what isn't deleted then is due again.
    package func run(
        _ due: Retention.Due, counted: UInt64, deleted: (Retention.Segment) -> Void
    ) throws {
        // From any of them on a fold asks for the ids of one window.
        let from = counted >= window ? counted - window + 1 : 1
        ids.keep(from: from, through: 0)
        // Of the last durable line the segment stays, even where a newer one was begun: without any
        // line the log wouldn't know where to go on.
        let free = min(counted, max(1, log.watermark) - 1)
        guard let last = due.segments.prefix(while: { $0.lastSeq <= free }).last?.lastSeq else {
            return
        }
        if from <= last { try ids.secure(from...last, from: log, idKey: idKey) }
        try retention.retire(due, through: free, deleted: deleted)
    }
}
