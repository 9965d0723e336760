package struct RollupSettings: Sendable {
    /// Seqs within which a repeated (site, id) is a duplicate, inclusive.
    package var dedupeWindow: UInt64 = 20_000_000
    /// A delta is applied when its oldest line is this old: counters lag by it, and each flush
    /// costs less per line the longer it is.
    package var flushMilliseconds: UInt64 = 900
    /// By then a durable line is counted, the flush itself included, as far as the machine can: under
    /// full load flushes come earlier than `flushMilliseconds` says.
    package var horizonMilliseconds: UInt64 = 1_700
    /// Memory that a delta may take before it is applied whatever its age, bytes.
    package var deltaBytes = 96 << 20
    /// Batches waiting to be folded, bytes. What waits grows old: under full load a large queue makes
    /// the counters late and nothing faster.
    package var queueBytes = 32 << 20
    /// How long the journal waits for room in the queue while nothing moves. After that the batch
    /// is let go: it is read from the log later.
    package var patienceMilliseconds: UInt64 = 2_000
    /// For so long the roll-up makes way for what can't wait, before it goes on beside it.
    package var wayMilliseconds: UInt64 = 1_000
    /// Pause before a failed read or write is tried again.
    package var retryMilliseconds: UInt64 = 1_000
    /// How long a stop may go on reading what the queue had let go. The rest waits for the next
    /// start.
    package var stopMilliseconds: UInt64 = 5_000
    /// Lines read between two looks at that time.
    package var stopStepLines: UInt64 = 50_000

    package init() {}
}
