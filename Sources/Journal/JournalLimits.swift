import Engagement

/// Every bound of the journal, with its unit. Source of the defaults: schemas/segment.md, "Limits".
package struct JournalLimits: Sendable {
    /// Waiting batches are merged into one member up to this many bytes and lines. One batch is
    /// kept whole unless it alone would pass 1 MiB.
    package var memberRawBytes = Batch.closeBytes
    package var memberLines = Batch.closeLines
    /// A segment is sealed at this many bytes as stored, or at this age.
    package var segmentBytes = 64 << 20
    package var segmentAgeNanoseconds: UInt64 = 3_600_000_000_000
    /// Above this many bytes waiting to be durable the journal is congested; relieved below half.
    package var queueBytes = 4 << 20
    /// With less room on the disk nothing new is admitted.
    package var lowWaterBytes = 256 << 20
    /// Held in reserve, so that a batch can still be finished when the disk is full. 0: none.
    package var ballastBytes = 64 << 20
    /// Of everything kept in `quarantine/`.
    package var quarantineBytes = 4 << 30
    /// How long a batch that found no room waits before it is tried again.
    package var roomRetryNanoseconds: UInt64 = 200_000_000
    /// How often an idle journal looks at its segment's age and at the disk's room.
    package var housekeepingNanoseconds: UInt64 = 1_000_000_000
    /// A wall clock that steps back by more is followed, by less it is waited for.
    package var clockStepMilliseconds: Int64 = 60_000

    package init() {}
}
