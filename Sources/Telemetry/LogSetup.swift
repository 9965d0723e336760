import Glibc
package import Logging
import Synchronization

/// Sends the process's logs to standard error, once, at its start.
///
/// Where standard error is the journal's (`JOURNAL_STREAM` names it) a line carries its priority as `<n>` (sd-daemon(3)) and no
/// time, because journald has both; on a terminal or in a file it carries time and level. Fields
/// follow as key=value. Of one kind no more is written than LogThrottle lets through, but for what
/// ends the process and for debugging. Callers never log a customer, a visitor, an address or a line's content:
/// there is no filter here that could know them.
package enum LogSetup {
    /// Bootstraps swift-log; only the first call of a process has an effect beyond the level.
    package static func start(
        level: Logger.Level, environment: [String: String] = [:]
    ) {
        LogLevel.shared.set(level)
        guard LogLevel.shared.claimBootstrap() else { return }
        let form: LogLine.Form =
            isJournal(STDERR_FILENO, stream: environment["JOURNAL_STREAM"]) ? .journal : .human
        LoggingSystem.bootstrap { label in
            StderrLogHandler(label: label, form: form)
        }
    }

    /// Lines that were logged, written or not, from notice upwards.
    package static let lines = Counter(
        "engaged_log_lines_total", "Lines logged, by level.", labels: [.init("level", levels)])
    package static let suppressed = Counter(
        "engaged_log_lines_suppressed_total",
        "Lines that weren't written because there were too many of their kind.")
    private static let levels = ["notice", "warning", "error", "critical"]

    static func count(_ level: Logger.Level) {
        if let index = levels.firstIndex(of: level.rawValue) { lines.add(1, at: index) }
    }

    /// Says how many lines were left out where that is due; once a second or so.
    package static func settle() {
        for left in LogBound.shared.settle() {
            Logger(label: left.label).log(
                level: left.level,
                "suppressed \(left.count) more lines of this kind, the last of them: \(left.message)"
            )
        }
    }

    /// Whether a descriptor is the one that journald handed to this process: its device and inode are
    /// those of `$JOURNAL_STREAM`, as systemd.exec(5) says. The variable alone doesn't tell: it is
    /// handed on to children whose standard error is a file.
    static func isJournal(_ descriptor: Int32, stream: String?) -> Bool {
        var status = stat()
        guard let stream, fstat(descriptor, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }

    /// Changes the level of every logger of the process (a reload).
    package static func set(level: Logger.Level) { LogLevel.shared.set(level) }
}

/// The level in force, shared by all handlers so that a reload reaches them.
final class LogLevel: Sendable {
    static let shared = LogLevel()
    private let index = Atomic<Int>(2)
    private let bootstrapped = Atomic<Bool>(false)

    func set(_ level: Logger.Level) {
        index.store(Logger.Level.allCases.firstIndex(of: level) ?? 2, ordering: .relaxed)
    }

    var level: Logger.Level { Logger.Level.allCases[index.load(ordering: .relaxed)] }

    func claimBootstrap() -> Bool { !bootstrapped.exchange(true, ordering: .relaxed) }
}

/// The bound on what is logged, shared by all handlers.
final class LogBound: Sendable {
    static let shared = LogBound()
    private let throttle = Mutex(LogThrottle())

    func admit(_ event: LogEvent, label: String, message: String) -> Bool {
        // What ends the process is never left out, and who wants to debug gets all of it.
        guard event.level > .debug, event.level < .critical else { return true }
        let kind = LogThrottle.kind(file: event.file, line: event.line, message: message)
        return throttle.withLock {
            $0.admit(
                kind, level: event.level, label: label, message: message,
                now: monotonicNanoseconds())
        }
    }

    func settle() -> [LogThrottle.Suppressed] {
        throttle.withLock { $0.settle(now: monotonicNanoseconds()) }
    }

    private func monotonicNanoseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}

/// Writes each event as one line with one write(2), so that threads don't interleave.
struct StderrLogHandler: LogHandler {
    let label: String
    let form: LogLine.Form
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    /// A level set on one logger; otherwise the process's.
    private var ownLevel: Logger.Level?

    init(label: String, form: LogLine.Form) {
        self.label = label
        self.form = form
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? LogLevel.shared.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let message = "\(event.message)"
        LogSetup.count(event.level)
        guard LogBound.shared.admit(event, label: label, message: message) else {
            return LogSetup.suppressed.add()
        }
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        let line = LogLine.render(
            form, seconds: wallSeconds(), level: event.level, label: label,
            message: message, fields: fields)
        var bytes = Array(line.utf8)
        _ = write(STDERR_FILENO, &bytes, bytes.count)
    }
}
