import Glibc
import Logging
import Testing

@testable import Telemetry

/// Times are nanoseconds of a clock made up here.
@Suite struct LogThrottleTests {
    private let window = LogThrottle.windowNanoseconds

    /// How many of `count` lines at `now` are written.
    private func admitted(
        _ throttle: inout LogThrottle, _ count: Int, kind: Int = 1, now: UInt64
    ) -> Int {
        (0..<count).reduce(0) { written, i in
            let isWritten = throttle.admit(
                kind, level: .warning, label: "e", message: "m\(i)", now: now)
            return written + (isWritten ? 1 : 0)
        }
    }

    @Test func `of one kind so many lines are written in a window, then their number is told`() {
        var throttle = LogThrottle()
        #expect(admitted(&throttle, 1_000, now: 5) == LogThrottle.lines)
        #expect(throttle.settle(now: 5 + window - 1) == [])
        #expect(
            throttle.settle(now: 5 + window) == [
                .init(
                    level: .warning, label: "e", message: "m999", count: 1_000 - LogThrottle.lines)
            ])
        #expect(throttle.settle(now: 5 + 2 * window) == [])
        #expect(admitted(&throttle, 1, now: 6 + window) == 1)
    }

    @Test func `a kind that comes slowly is always written, and nothing is told of it`() {
        var throttle = LogThrottle()
        for minute in 0..<10 {
            let now = UInt64(minute) * window
            #expect(admitted(&throttle, LogThrottle.lines, now: now) == LogThrottle.lines)
        }
        #expect(throttle.settle(now: 20 * window) == [])
    }

    @Test func `what was left out in a window isn't forgotten when nobody settles it in time`() {
        var throttle = LogThrottle()
        _ = admitted(&throttle, LogThrottle.lines + 7, now: 0)
        #expect(admitted(&throttle, 1, now: window) == 1)
        #expect(throttle.settle(now: 2 * window).map(\.count) == [7])
    }

    @Test func `one kind doesn't silence another, and kinds are bounded`() {
        var throttle = LogThrottle()
        _ = admitted(&throttle, 1_000, kind: 1, now: 0)
        #expect(admitted(&throttle, 1, kind: 2, now: 0) == 1)
        var written = 0
        for kind in 10..<100_010 { written += admitted(&throttle, 1, kind: kind, now: 0) }
        #expect(written == LogThrottle.kinds - 2 + LogThrottle.lines)
    }

    @Test(
        arguments: [
            ("disk low: 17 bytes free", "disk low: 4096 bytes free", true),
            ("open /a/b: no", "open /c/d: no", true), ("open /a: no", "write /a: no", false),
            ("sealed 00001.gz", "removed 00001.gz", false),
        ])
    func `a kind is how a message begins, without what names the single case`(
        a: String, b: String, isSame: Bool
    ) {
        let (first, second) = [a, b].map { LogThrottle.kind(file: "f", line: 1, message: $0) }
            .withUnsafeBufferPointer { ($0[0], $0[1]) }
        #expect((first == second) == isSame)
        #expect(first != LogThrottle.kind(file: "f", line: 2, message: a))
    }
}

/// Whose standard error this is, as systemd.exec(5) tells it.
@Suite struct JournalStreamTests {
    @Test func `only the descriptor that the variable names is the journal's`() {
        var status = stat()
        #expect(fstat(STDERR_FILENO, &status) == 0)
        let stream = "\(status.st_dev):\(status.st_ino)"
        #expect(LogSetup.isJournal(STDERR_FILENO, stream: stream))
        #expect(!LogSetup.isJournal(STDERR_FILENO, stream: nil))
        #expect(!LogSetup.isJournal(STDERR_FILENO, stream: ""))
        #expect(
            !LogSetup.isJournal(STDERR_FILENO, stream: "\(status.st_dev):\(status.st_ino &+ 1)"))
        #expect(!LogSetup.isJournal(-1, stream: stream))
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        #expect(!LogSetup.isJournal(ends[1], stream: stream))
        close(ends[0])
        close(ends[1])
    }
}
