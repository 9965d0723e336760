import Synchronization

/// Whose turn it is to delete or replace sealed segments: one at a time. Else a file that was deleted
/// would come back from under the hands of who was packing it, and lines that were erased with it.
package final class SegmentTurn: Sendable {
    private let turn = Mutex<Void>(())
    private let waiting = Atomic(0)

    package init() {}

    /// Waits for the turn; who has it by `takeIfFree` gives it up.
    package func take<Value: Sendable, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        waiting.add(1, ordering: .relaxed)
        defer { waiting.subtract(1, ordering: .relaxed) }
        return try turn.withLock { _ throws(Failure) in try body() }
    }

    /// For work that nobody waits for, and that looks at `isWanted` again and again.
    ///
    /// - Returns: nil: somebody else has it.
    package func takeIfFree<Value: Sendable, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value? {
        try turn.withLockIfAvailable { _ throws(Failure) in try body() }
    }

    package var isWanted: Bool { waiting.load(ordering: .relaxed) > 0 }
}
