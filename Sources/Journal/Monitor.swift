import Glibc

/// A mutex with one condition to wait for, with a time limit: what Swift's own mutex can't do.
///
/// Where the clock says that nobody can wait, a wait is over at once, as if its time had passed: a
/// simulation has one thread, so nobody is there to end it.
package final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let canWait: Bool

    package init(_ clock: any Clock) {
        canWait = clock.canWait
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

    package func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Wakes all who wait. Called within `locked`.
    package func announce() { pthread_cond_broadcast(changed) }

    /// When a wait of this length that begins now is over.
    package struct Deadline {
        fileprivate var time = timespec()

        package init(nanoseconds: UInt64) {
            clock_gettime(CLOCK_MONOTONIC, &time)
            let total = UInt64(time.tv_nsec) + nanoseconds % 1_000_000_000
            time.tv_sec += Int(nanoseconds / 1_000_000_000 + total / 1_000_000_000)
            time.tv_nsec = Int(total % 1_000_000_000)
        }
    }

    /// Waits for the next announcement. Called within `locked`. - Returns: false: the time is over.
    package func wait(until deadline: Deadline) -> Bool {
        guard canWait else { return false }
        var time = deadline.time
        return pthread_cond_timedwait(changed, mutex, &time) != ETIMEDOUT
    }
}
