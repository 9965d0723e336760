import Engagement
import Journal

/// A few batches that go round between one thread that fills them and one that folds them.
final class BatchBelt: @unchecked Sendable {
    /// Nobody takes batches any more.
    struct Stopped: Error {}

    private static let most = 4
    private let monitor = Monitor(SystemClock())
    private var made = 0
    private var empties: [Batch] = []
    private var filled: [Batch] = []
    /// The one that the taker has.
    private var taken: Batch?
    private var ended: Result<Void, any Error>?
    private var isStopped = false
    /// The filler's own: handed out and not put yet, as its member may have been damaged.
    private var spare: Batch?

    // MARK: The filler's thread

    /// A batch to fill; waits until the taker has done with one.
    func empty() -> Batch {
        if let spare { return spare }
        let batch = monitor.locked {
            while empties.isEmpty, made == Self.most, !isStopped { wait() }
            if let batch = empties.popLast() { return batch }
            made += 1
            return DurableReader.makeBatch()
        }
        spare = batch
        return batch
    }

    /// - Throws: `Stopped`.
    func put(_ batch: Batch) throws {
        spare = nil
        let isStopped = monitor.locked {
            filled.append(batch)
            monitor.announce()
            return self.isStopped
        }
        if isStopped { throw Stopped() }
    }

    /// Nothing comes any more, and why.
    func end(_ result: Result<Void, any Error>) {
        monitor.locked {
            ended = result
            monitor.announce()
        }
    }

    // MARK: The taker's

    /// The next batch, good until the next call; nil: that was all.
    /// - Throws: what the filler ended with, behind the last batch.
    func take() throws -> Batch? {
        let outcome: Result<Void, any Error>? = monitor.locked {
            if let taken { empties.append(taken) }
            taken = nil
            monitor.announce()
            while filled.isEmpty, ended == nil { wait() }
            guard filled.isEmpty else {
                taken = filled.removeFirst()
                return nil
            }
            return ended
        }
        try outcome?.get()
        return taken
    }

    /// The filler is to end.
    func stop() {
        monitor.locked {
            isStopped = true
            monitor.announce()
        }
    }

    private func wait() { _ = monitor.wait(until: .init(nanoseconds: 1_000_000_000)) }
}
