import Foundation

extension Status {
    /// The status for a person at a terminal: aligned lines, ending in a newline.
    package var text: String {
        var lines: [(String, String)] = [
            ("engaged", "\(version), pid \(pid), \(state)"),
            ("up", Self.duration(uptimeSeconds)),
            ("data", dataDirectory),
            ("listen", listen),
            ("settings", loaded),
            ("connections", "\(openConnections) open"),
        ]
        let total = accepted.values.reduce(0, +)
        let parts = accepted.sorted { $0.key < $1.key }.map {
            "\($0.key) \(Self.grouped($0.value))"
        }
        lines.append(("accepted", "\(Self.grouped(total)) (\(parts.joined(separator: ", ")))"))
        let refused = rejected.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \(Self.grouped($0.value))" }
        lines.append(("rejected", refused.isEmpty ? "0" : refused.joined(separator: ", ")))
        let rate = eventsPerSecond.map { ", \(Self.grouped(UInt64(max(0, $0.rounded()))))/s" } ?? ""
        lines.append(("durable", "seq \(watermarkSeq)\(rate)"))
        let behind = watermarkSeq - appliedSeq
        lines.append(
            (
                "counted",
                "seq \(appliedSeq)"
                    + (behind > 0 ? ", \(behind) events and \(lagSeconds) s behind" : "")
                    + (duplicates > 0 ? ", \(Self.grouped(duplicates)) duplicates left out" : "")
            ))
        if storedBytes > 0 {
            let ratio = Double(rawBytes) / Double(storedBytes)
            lines.append(
                (
                    "written",
                    "\(Self.size(storedBytes)) on disk for \(Self.size(rawBytes)) of lines"
                        + " (\(Self.decimal(ratio, 1)):1)"
                ))
        }
        if let ackSeconds { lines.append(("ack", Self.latency(ackSeconds))) }
        if let syncSeconds { lines.append(("sync", Self.latency(syncSeconds))) }
        lines.append(("memory", Self.size(UInt64(max(0, residentBytes)))))
        lines += filesText
        lines += (troubles ?? []).map { ("trouble", $0) }
        return lines.map { name, value in
            name + String(repeating: " ", count: max(1, 13 - name.count))
                + TerminalText.safe(value) + "\n"
        }.joined()
    }

    /// RFC 3339; what was refused since is in the log.
    private var loaded: String {
        let time = Date(timeIntervalSince1970: configLoadedSeconds.rounded(.down))
        return "loaded at \(time.ISO8601Format())"
            + (configReloadSuccessful ? "" : "; the last reload was refused: the log says why")
    }

    static func duration(_ seconds: Double) -> String {
        let s = Int(seconds)
        if s < 60 { return "\(s) s" }
        if s < 3_600 { return "\(s / 60) min \(s % 60) s" }
        if s < 86_400 { return "\(s / 3_600) h \(s % 3_600 / 60) min" }
        return "\(s / 86_400) d \(s % 86_400 / 3_600) h"
    }

    static func size(_ bytes: UInt64) -> String {
        if bytes < 1 << 10 { return "\(bytes) bytes" }
        let units = ["KiB", "MiB", "GiB", "TiB"]
        var value = Double(bytes) / 1_024
        var unit = 0
        while value >= 1_024, unit < units.count - 1 {
            value /= 1_024
            unit += 1
        }
        return "\(decimal(value, 1)) \(units[unit])"
    }

    /// 1234567 as 1,234,567.
    static func grouped(_ number: UInt64) -> String {
        var out = ""
        for (i, digit) in String(number).reversed().enumerated() {
            if i > 0, i % 3 == 0 { out.append(",") }
            out.append(digit)
        }
        return String(out.reversed())
    }

    private static func latency(_ seconds: Quantiles) -> String {
        "half within \(decimal(seconds.p50 * 1_000, 1)) ms, 99 % within"
            + " \(decimal(seconds.p99 * 1_000, 1)) ms"
    }

    private static func decimal(_ value: Double, _ places: Int) -> String {
        String(format: "%.\(places)f", value)
    }
}
