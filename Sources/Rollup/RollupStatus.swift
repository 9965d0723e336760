import Engagement
import Journal
import Synchronization

/// What the roll-up has done, readable from any thread.
package struct RollupStatus: Equatable, Sendable {
    /// Highest seq folded, in memory.
    package var foldedSeq: UInt64 = 0
    /// Highest seq whose counters are in the ledger.
    package var appliedSeq: UInt64 = 0
    /// Lines counted, dropped as duplicates, and counted without a person, over the ledger's life.
    package var applied: Int64 = 0
    package var duplicates: Int64 = 0
    package var anonymised: Int64 = 0
    /// Age of the oldest line that was folded but isn't in the ledger, ms.
    package var lagMilliseconds: UInt64 = 0
    /// Flushes since start, and how long the last one took, ms.
    package var flushes: UInt64 = 0
    package var lastFlushMilliseconds: UInt64 = 0
    /// Batches let go because the queue was full, read from the log instead.
    package var letGo: UInt64 = 0
    /// Bytes of the set of seen ids.
    package var seenBytes = 0
    /// Retired lines within the window whose ids are lost: repetitions of theirs count.
    package var forgottenIDs = 0
    /// The trouble that keeps it from going on, while it lasts.
    package var trouble: String?

    package init() {}
}

/// The published status and when the oldest unflushed line was folded.
final class StatusBoard: Sendable {
    private struct State {
        var status = RollupStatus()
        var oldest: UInt64?
    }

    private let clock: any Clock
    private let state = Mutex(State())

    init(clock: any Clock) { self.clock = clock }

    /// - Parameter oldest: monotonic ns of the oldest unflushed line.
    func update(oldest: UInt64?, _ body: (inout RollupStatus) -> Void) {
        state.withLock {
            body(&$0.status)
            $0.oldest = oldest
        }
    }

    func change(_ body: (inout RollupStatus) -> Void) { state.withLock { body(&$0.status) } }

    var status: RollupStatus {
        state.withLock {
            var status = $0.status
            if let oldest = $0.oldest {
                status.lagMilliseconds = (clock.monotonicNanoseconds() &- oldest) / 1_000_000
            }
            return status
        }
    }
}
