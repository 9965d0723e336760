import Engagement
import Glibc
import Synchronization

/// Batches on their way to the writer thread, in order, and what of them is not yet durable.
///
/// A plain pthread mutex and condition: the writer needs to wait with a time limit. Putting never
/// waits for the disk; the bound is kept by those who read sockets, who ask `isCongested`.
final class Mailbox: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [Batch] = []
    private var isStopping = false
    private var isClosed = false
    private var openBytes = 0
    private var openBatches = 0
    private let limitBytes: Int
    private let congested = Atomic<Bool>(false)

    init(limitBytes: Int) {
        self.limitBytes = limitBytes
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    var isCongested: Bool { congested.load(ordering: .relaxed) }

    var queued: (bytes: Int, batches: Int) { locked { (openBytes, openBatches) } }

    /// What a batch counts as while it isn't durable.
    static func weight(_ batch: Batch) -> Int { max(batch.storedBytes, batch.byteCount) }

    /// false: closed, the batch was not taken.
    func put(_ batch: Batch) -> Bool {
        let weight = Self.weight(batch)
        return locked {
            if isClosed { return false }
            waiting.append(batch)
            openBytes += weight
            openBatches += 1
            if openBytes > limitBytes { congested.store(true, ordering: .relaxed) }
            pthread_cond_signal(condition)
            return true
        }
    }

    /// Moves all waiting batches into `batches`, waiting for the first at most `nanoseconds`.
    /// - Returns: whether the end was asked for; nothing more comes after that.
    func take(into batches: inout [Batch], waiting nanoseconds: UInt64) -> Bool {
        locked {
            let until = Self.deadline(in: nanoseconds)
            while waiting.isEmpty, !isStopping {
                if !wait(until) { break }
            }
            swap(&waiting, &batches)
            if isStopping { isClosed = true }
            return isStopping
        }
    }

    /// Waits, unless the end is asked for. - Returns: whether it was.
    func pause(_ nanoseconds: UInt64) -> Bool {
        locked {
            let until = Self.deadline(in: nanoseconds)
            while !isStopping, wait(until) {}
            return isStopping
        }
    }

    /// What was put has come to its end. - Returns: true once when the congestion has passed.
    func settled(bytes: Int) -> Bool {
        locked {
            openBytes -= bytes
            openBatches -= 1
            guard congested.load(ordering: .relaxed), openBytes < limitBytes / 2 else {
                return false
            }
            congested.store(false, ordering: .relaxed)
            return true
        }
    }

    func stop() {
        locked {
            isStopping = true
            pthread_cond_broadcast(condition)
        }
    }

    /// Closes without a writer and gives back what was waiting.
    func close() -> [Batch] {
        locked {
            isStopping = true
            isClosed = true
            defer { waiting = [] }
            return waiting
        }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// false: the time is over.
    private func wait(_ until: timespec) -> Bool {
        var until = until
        return pthread_cond_timedwait(condition, mutex, &until) != ETIMEDOUT
    }

    private static func deadline(in nanoseconds: UInt64) -> timespec {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let total = UInt64(now.tv_nsec) + nanoseconds % 1_000_000_000
        return timespec(
            tv_sec: now.tv_sec + Int(nanoseconds / 1_000_000_000 + total / 1_000_000_000),
            tv_nsec: Int(total % 1_000_000_000))
    }
}
