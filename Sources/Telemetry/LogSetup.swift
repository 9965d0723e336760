import Glibc
package import Logging
import Synchronization

/// Sends the process's logs to standard error, once, at its start.
///
/// Under systemd (`JOURNAL_STREAM` set) a line carries its priority as `<n>` (sd-daemon(3)) and no
/// time, because journald has both; on a terminal or in a file it carries time and level. Fields
/// follow as key=value. Callers never log a customer, a visitor, an address or a line's content:
/// there is no filter here that could know them.
package enum LogSetup {
    /// Bootstraps swift-log; only the first call of a process has an effect beyond the level.
    package static func start(
        level: Logger.Level, environment: [String: String] = [:]
    ) {
        LogLevel.shared.set(level)
        guard LogLevel.shared.claimBootstrap() else { return }
        let form: LogLine.Form = environment["JOURNAL_STREAM"] == nil ? .human : .journal
        LoggingSystem.bootstrap { label in
            StderrLogHandler(label: label, form: form)
        }
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
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        let line = LogLine.render(
            form, seconds: wallSeconds(), level: event.level, label: label,
            message: "\(event.message)", fields: fields)
        var bytes = Array(line.utf8)
        _ = write(STDERR_FILENO, &bytes, bytes.count)
    }
}
