import Engagement
import Glibc

/// Durable batches waiting to be folded, in seq order: a bounded cache of the end of the log.
///
/// A full queue makes the journal wait only while the roll-up moves; a batch that finds no room is
/// not taken, and its seqs are remembered as a gap to be read from the log.
final class BatchQueue: @unchecked Sendable {
    enum Next {
        case batch(Batch)
        /// Nothing waits, but lines up to this seq were let go.
        case gap(through: UInt64)
        case nothing
        case stopped
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let limitBytes: Int
    private let patience: UInt64
    private var waiting: [Batch] = []
    private var head = 0
    private var bytes = 0
    private var lastPop = BatchQueue.now()
    private var letGoThrough: UInt64 = 0
    private var isStopping = false

    init(limitBytes: Int, patienceMilliseconds: UInt64) {
        self.limitBytes = limitBytes
        patience = patienceMilliseconds * 1_000_000
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    var queuedBytes: Int { locked { bytes } }

    /// What a batch takes of memory.
    static func weight(_ batch: Batch) -> Int {
        batch.byteCount + batch.wordCount * 8
            + batch.lineCount * MemoryLayout<Batch.Line>.stride
    }

    /// false: no room, or stopping; the batch is the caller's again.
    func put(_ batch: Batch) -> Bool {
        let weight = Self.weight(batch)
        return locked {
            while bytes > 0, bytes + weight > limitBytes, !isStopping {
                let patienceEnds = lastPop + patience
                if Self.now() >= patienceEnds || !wait(until: patienceEnds) { break }
            }
            guard !isStopping, bytes == 0 || bytes + weight <= limitBytes else {
                letGoThrough = max(letGoThrough, batch.lastSeq)
                return false
            }
            waiting.append(batch)
            bytes += weight
            pthread_cond_broadcast(changed)
            return true
        }
    }

    /// The next batch, waiting at most until `deadline` (monotonic ns). After `stop` it hands out
    /// what is left and then says so.
    func take(next: UInt64, until deadline: UInt64) -> Next {
        locked {
            while head == waiting.count, !isStopping, letGoThrough < next {
                if !wait(until: deadline) { return .nothing }
            }
            lastPop = Self.now()
            if head < waiting.count {
                let batch = waiting[head]
                head += 1
                bytes -= Self.weight(batch)
                if head == waiting.count || head >= 256 {
                    waiting.removeFirst(head)
                    head = 0
                }
                pthread_cond_broadcast(changed)
                return .batch(batch)
            }
            return letGoThrough >= next ? .gap(through: letGoThrough) : .stopped
        }
    }

    func stop() {
        locked {
            isStopping = true
            pthread_cond_broadcast(changed)
        }
    }

    /// Waits, unless the end was asked for. - Returns: whether it was.
    func pause(milliseconds: UInt64) -> Bool {
        locked {
            let deadline = Self.now() + milliseconds * 1_000_000
            while !isStopping, wait(until: deadline) {}
            return isStopping
        }
    }

    /// Monotonic, ns.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private func locked<T>(_ body: () -> T) -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// false: the time is up.
    private func wait(until deadline: UInt64) -> Bool {
        var time = timespec(
            tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        return pthread_cond_timedwait(changed, mutex, &time) != ETIMEDOUT
    }
}
