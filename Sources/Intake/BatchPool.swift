package import Engagement
import Synchronization

/// Empty batches, recycled: lanes take, the roll-up gives back.
package final class BatchPool: Sendable {
    private struct Shelf: @unchecked Sendable { var batches: [Batch] = [] }
    private let shelf = Mutex(Shelf())
    private let kept: Int

    /// - Parameter kept: how many empty batches are kept at most; more are freed.
    package init(kept: Int = 32) { self.kept = kept }

    package func take() -> Batch { shelf.withLock { $0.batches.popLast() } ?? Batch() }

    package func give(back batch: Batch) {
        batch.clear()
        shelf.withLock { if $0.batches.count < kept { $0.batches.append(batch) } }
    }
}
