import Engagement
import Synchronization

/// Batches on their way to the writer thread, in order, and what of them is not yet durable.
///
/// Putting never waits for the disk; the bound is kept by those who read sockets, who ask
/// `isCongested`.
final class Mailbox: @unchecked Sendable {
    private let monitor: Monitor
    private var waiting: [Batch] = []
    private var isStopping = false
    private var isWoken = false
    private var isClosed = false
    private var openBytes = 0
    private var openBatches = 0
    private let limitBytes: Int
    private let congested = Atomic<Bool>(false)

    init(limitBytes: Int, clock: any Clock) {
        self.limitBytes = limitBytes
        monitor = Monitor(clock)
    }

    var isCongested: Bool { congested.load(ordering: .relaxed) }

    var queued: (bytes: Int, batches: Int) { monitor.locked { (openBytes, openBatches) } }

    /// What a batch counts as while it isn't durable.
    static func weight(_ batch: Batch) -> Int { max(batch.storedBytes, batch.byteCount) }

    /// false: closed, the batch was not taken.
    func put(_ batch: Batch) -> Bool {
        let weight = Self.weight(batch)
        return monitor.locked {
            if isClosed { return false }
            waiting.append(batch)
            openBytes += weight
            openBatches += 1
            if openBytes > limitBytes { congested.store(true, ordering: .relaxed) }
            monitor.announce()
            return true
        }
    }

    /// Moves all waiting batches into `batches`, waiting for the first at most `nanoseconds`.
    /// - Returns: whether the end was asked for; nothing more comes after that.
    func take(into batches: inout [Batch], waiting nanoseconds: UInt64) -> Bool {
        monitor.locked {
            if waiting.isEmpty {
                let deadline = Monitor.Deadline(nanoseconds: nanoseconds)
                while waiting.isEmpty, !isStopping, !isWoken, monitor.wait(until: deadline) {}
            }
            isWoken = false
            swap(&waiting, &batches)
            if isStopping { isClosed = true }
            return isStopping
        }
    }

    /// Waits, unless the end is asked for. - Returns: whether it was.
    func pause(_ nanoseconds: UInt64) -> Bool {
        monitor.locked {
            let deadline = Monitor.Deadline(nanoseconds: nanoseconds)
            while !isStopping, monitor.wait(until: deadline) {}
            return isStopping
        }
    }

    /// What was put has come to its end. - Returns: true once when the congestion has passed.
    func settled(bytes: Int) -> Bool {
        monitor.locked {
            openBytes -= bytes
            openBatches -= 1
            guard congested.load(ordering: .relaxed), openBytes < limitBytes / 2 else {
                return false
            }
            congested.store(false, ordering: .relaxed)
            return true
        }
    }

    /// Ends the wait for batches once, with or without one.
    func wake() {
        monitor.locked {
            isWoken = true
            monitor.announce()
        }
    }

    func stop() {
        monitor.locked {
            isStopping = true
            monitor.announce()
        }
    }

    /// Closes without a writer and gives back what was waiting.
    func close() -> [Batch] {
        monitor.locked {
            isStopping = true
            isClosed = true
            defer { waiting = [] }
            return waiting
        }
    }
}
