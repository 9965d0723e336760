import Logging

/// Bounds how much of one kind is logged: so many lines in a time, then their number.
///
/// A kind is a place in the program together with how the message begins, up to the first digit, slash
/// or quotation mark: what comes then names the single case. Kinds are bounded, too: those beyond it
/// share one.
struct LogThrottle: Sendable {
    static let lines = 20
    static let windowNanoseconds: UInt64 = 60_000_000_000
    static let kinds = 256

    /// Lines that weren't written, and what they said.
    struct Suppressed: Equatable, Sendable {
        var level: Logger.Level
        var label: String
        /// The last one.
        var message: String
        var count: Int
    }

    private struct Window {
        var began: UInt64
        var written = 0
        var left: Suppressed?
    }

    private var windows: [Int: Window] = [:]

    static func kind(file: String, line: UInt, message: String) -> Int {
        var hasher = Hasher()
        hasher.combine(file)
        hasher.combine(line)
        for c in message.utf8.prefix(64) {
            if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(c) || c == UInt8(ascii: "/")
                || c == UInt8(ascii: "\"")
            {
                break
            }
            hasher.combine(c)
        }
        return hasher.finalize()
    }

    /// - Parameter now: monotonic, nanoseconds.
    /// - Returns: whether the line may be written.
    mutating func admit(
        _ kind: Int, level: Logger.Level, label: String, message: String, now: UInt64
    ) -> Bool {
        let kind = windows[kind] == nil && windows.count >= Self.kinds ? 0 : kind
        var window = windows[kind] ?? Window(began: now)
        defer { windows[kind] = window }
        if isOver(window, now) { (window.began, window.written) = (now, 0) }
        if window.written < Self.lines {
            window.written += 1
            return true
        }
        let count = (window.left?.count ?? 0) + 1
        window.left = Suppressed(level: level, label: label, message: message, count: count)
        return false
    }

    /// Ends the windows whose time is over. - Returns: what was left out in them.
    mutating func settle(now: UInt64) -> [Suppressed] {
        var left: [Suppressed] = []
        for (kind, window) in windows where isOver(window, now) {
            windows[kind] = nil
            if let suppressed = window.left { left.append(suppressed) }
        }
        return left
    }

    private func isOver(_ window: Window, _ now: UInt64) -> Bool {
        now &- window.began >= Self.windowNanoseconds
    }
}
