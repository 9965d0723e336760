import Synchronization

/// The memory that clients can make intake hold: large reads, torn lines, bodies, answers. Bytes.
///
/// One atomic sum; every part that grows with what a client sends asks here first, per read or chunk
/// and never per line. What each connection holds in any case (`Connection.shareBytes`) isn't counted
/// here: it is set aside for as many connections as there may be.
///
/// Who finds no room either gives up at once (a body: 503) or waits (a line: its connection isn't
/// read). Nobody waits while holding what another one needs to go on: a line that outgrows the
/// connection's share asks for the largest line's room at once, so it can be finished.
package final class MemoryBudget: Sendable {
    private let most: Atomic<Int>
    private let used = Atomic<Int>(0)
    private let isAwaited = Atomic<Bool>(false)
    private let wake = Mutex<@Sendable () -> Void>({})

    package init(bytes: Int) { most = Atomic(bytes) }

    package var bytes: Int { most.load(ordering: .relaxed) }

    package var usedBytes: Int { used.load(ordering: .relaxed) }

    /// False: there is no room, and nothing was taken.
    func reserve(_ count: Int) -> Bool {
        // An addition even where it is taken back: only a write to the same word is certain to be
        // seen in one order with the release that it may have to be woken by.
        guard used.add(count, ordering: .acquiringAndReleasing).newValue <= bytes else {
            used.subtract(count, ordering: .acquiringAndReleasing)
            return false
        }
        return true
    }

    /// Like `reserve`; false also means that `onRoom` will be called after the next release.
    func reserveOrAwait(_ count: Int) -> Bool {
        if reserve(count) { return true }
        isAwaited.store(true, ordering: .releasing)
        // What was released before that could be seen is taken now.
        return reserve(count)
    }

    func release(_ count: Int) {
        guard count > 0 else { return }
        used.subtract(count, ordering: .acquiringAndReleasing)
        guard isAwaited.load(ordering: .acquiring),
            isAwaited.exchange(false, ordering: .acquiringAndReleasing)
        else { return }
        wake.withLock { $0 }()
    }

    /// What is held beyond a smaller budget is given back in its own time.
    package func resize(to bytes: Int) {
        most.store(bytes, ordering: .relaxed)
        // Who waits tries again: he may fit now.
        wake.withLock { $0 }()
    }

    /// Called after a release that somebody waited for, on the thread that released.
    func onRoom(_ wake: @escaping @Sendable () -> Void) { self.wake.withLock { $0 = wake } }
}
