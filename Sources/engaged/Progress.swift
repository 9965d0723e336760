import Glibc

/// One line on a terminal that says how far long work is; nothing where stderr is no terminal.
struct Progress {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let began = monotonicSeconds()
    private var last = 0.0

    var seconds: Double { monotonicSeconds() - began }

    /// Shows a share of the whole with a bar, at most ten times a second.
    mutating func show(_ share: Double?, _ text: @autoclosure () -> String) {
        let now = monotonicSeconds()
        guard isTerminal, now - last >= 0.1 else { return }
        last = now
        var bar = ""
        if let share {
            let full = Int(max(0, min(1, share)) * 30)
            bar =
                "[" + String(repeating: "#", count: full)
                + String(repeating: ".", count: 30 - full) + "] "
        }
        put("\r\u{1b}[K" + bar + text())
    }

    func clear() { if isTerminal { put("\r\u{1b}[K") } }

    private func put(_ text: String) {
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
}

func monotonicSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

/// 1234567 → "1,234,567".
func grouped(_ number: some BinaryInteger) -> String {
    var out = ""
    for (i, digit) in String(number).reversed().enumerated() {
        if i > 0, i % 3 == 0, digit != "-" { out.append(",") }
        out.append(digit)
    }
    return String(out.reversed())
}
