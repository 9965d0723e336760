import Glibc
package import Logging

/// The text of one log line.
package enum LogLine {
    package enum Form: Sendable {
        /// `2026-11-22T10:00:00.123Z warning engaged: message key=value`
        case human
        /// `<4>engaged: message key=value`
        case journal
    }

    /// - Parameter seconds: since 1970 UTC; unused in the journal's form.
    /// - Returns: one line with its newline; control characters inside are escaped.
    package static func render(
        _ form: Form, seconds: Double, level: Logger.Level, label: String, message: String,
        fields: Logger.Metadata
    ) -> String {
        var line =
            switch form {
            case .human: "\(time(seconds)) \(level.rawValue) \(label): "
            case .journal: "<\(priority(level))>\(label): "
            }
        line += escaped(message)
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(quoted("\(value)"))"
        }
        return line + "\n"
    }

    /// syslog(3) priorities, as journald reads them.
    package static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private static func time(_ seconds: Double) -> String {
        var whole = time_t(seconds.rounded(.down))
        var parts = tm()
        gmtime_r(&whole, &parts)
        let milliseconds = Int((seconds - Double(whole)) * 1_000)
        func pad(_ value: some BinaryInteger, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return pad(parts.tm_year + 1900, 4) + "-" + pad(parts.tm_mon + 1, 2) + "-"
            + pad(parts.tm_mday, 2) + "T" + pad(parts.tm_hour, 2) + ":" + pad(parts.tm_min, 2)
            + ":" + pad(parts.tm_sec, 2) + "." + pad(milliseconds, 3) + "Z"
    }

    private static func quoted(_ value: String) -> String {
        let plain =
            !value.isEmpty
            && value.utf8.allSatisfy {
                $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
                    && $0 != UInt8(ascii: "\\")
            }
        return plain ? value : "\"" + escaped(value, quotes: true) + "\""
    }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var out = ""
        for c in text.unicodeScalars {
            switch c {
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "\"" where quotes: out += "\\\""
            case "\\" where quotes: out += "\\\\"
            case _ where c.value < 0x20 || c.value == 0x7f || (0x80..<0xa0).contains(c.value):
                out += "\\u{" + String(c.value, radix: 16) + "}"
            default: out.unicodeScalars.append(c)
            }
        }
        return out
    }
}
