import Glibc

/// Keeps a thread's work to a share of one core, by resting after it.
///
/// By its processor time, so that a thread that had to wait for others doesn't rest for that, too;
/// and what it had to wait isn't made up for.
struct CPUShare {
    private var last = Self.seconds()
    private var owed = 0.0

    /// Seconds that this thread has to rest now, all it worked since the last question.
    ///
    /// - Parameter percent: of one core, 1 to 100.
    mutating func rest(percent: Int) -> Double {
        let now = Self.seconds()
        owed += (now - last) * (100 / Double(percent) - 1)
        last = now
        // Short sleeps are long ones.
        guard owed > 0.02 else { return 0 }
        defer { owed = 0 }
        return owed
    }

    /// What the calling thread has worked, seconds.
    private static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
