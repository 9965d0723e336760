import Glibc

/// Says which input it was when the process is about to end by a trap, or when one takes too long.
enum Watchdog {
    /// More than any sound input takes, on a machine that does other things as well.
    private static let patienceSeconds: UInt32 = 60
    private nonisolated(unsafe) static var number: UInt64 = 0
    private nonisolated(unsafe) static var command = UnsafeMutablePointer<CChar>.allocate(
        capacity: 0)

    static func start(name: String, seed: UInt64) {
        command = strdup("\nFAILED; to repeat it: deploy/fuzz --again \(name) \(seed) ")
        for cause in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGALRM] {
            signal(cause) { cause in
                Watchdog.tell()
                signal(cause, SIG_DFL)
                if cause == SIGALRM { abort() }
                raise(cause)
            }
        }
    }

    static func begin(_ input: UInt64) {
        number = input
        // Setting it for each would cost more than many an input.
        if input % 64 == 0 { alarm(patienceSeconds) }
    }

    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Nothing that allocates: the process is broken already.
    private static func tell() {
        write(STDERR_FILENO, command, strlen(command))
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { bytes in
            var (rest, at) = (number, 23)
            bytes[at] = UInt8(ascii: "\n")
            repeat {
                at -= 1
                bytes[at] = 48 + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            write(STDERR_FILENO, bytes.baseAddress! + at, 24 - at)
        }
    }
}
