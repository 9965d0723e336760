/// What the journal has done in this life of the process.
package struct JournalStatistics: Sendable, Equatable {
    package var members: UInt64 = 0
    package var lines: UInt64 = 0
    /// Bytes of lines as stamped, before deflate.
    package var rawBytes: UInt64 = 0
    /// Bytes written to segments.
    package var storedBytes: UInt64 = 0
    package var segments: UInt64 = 0
    /// Syncs of members of lines, and how long they took.
    package var syncs: UInt64 = 0
    package var syncNanoseconds: UInt64 = 0
    package var lastSyncNanoseconds: UInt64 = 0
    package var slowestSyncNanoseconds: UInt64 = 0
    /// Bytes and batches submitted and not yet durable.
    package var queuedBytes = 0
    package var queuedBatches = 0
    /// As last looked at.
    package var freeBytes: Int?
    package var hasRetried = false
    /// Lines up to here lie in files that are written no more.
    package var closedSeq: UInt64 = 0

    package init() {}

    mutating func synced(in nanoseconds: UInt64) {
        syncs += 1
        syncNanoseconds &+= nanoseconds
        lastSyncNanoseconds = nanoseconds
        slowestSyncNanoseconds = max(slowestSyncNanoseconds, nanoseconds)
    }
}

/// The highest durable line: everything up to it has been synced.
package struct Watermark: Sendable, Equatable {
    package var epoch: UInt64
    package var seq: UInt64

    package init(epoch: UInt64, seq: UInt64) {
        self.epoch = epoch
        self.seq = seq
    }
}
