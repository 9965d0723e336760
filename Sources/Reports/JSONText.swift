/// Rows as one JSON array with an object per line, keys in the columns' order.
enum JSONText {
    static func render(_ columns: [Report.Column], _ rows: [[Cell]]) -> String {
        guard !rows.isEmpty else { return "[]\n" }
        let objects = rows.map { row in
            "{"
                + zip(row, columns).map { quoted($1.name) + ":" + value($0, $1.kind) }
                .joined(separator: ",") + "}"
        }
        return "[" + objects.joined(separator: ",\n ") + "]\n"
    }

    private static func value(_ cell: Cell, _ kind: Report.Kind) -> String {
        switch cell {
        case .integer(let number) where kind == .count || kind == .number || kind == .text:
            "\(number)"
        case .integer(let number) where kind == .flag: number == 0 ? "false" : "true"
        // JSON has no infinity and no NaN; SQLite yields neither from the reports' sums.
        case .real(let number): number.isFinite ? "\(number)" : "null"
        case .null where kind == .count: "0"
        default: CellText.plain(cell, kind).map(quoted) ?? "null"
        }
    }

    static func quoted(_ text: String) -> String {
        var out = "\""
        for c in text.unicodeScalars {
            switch c {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where c.value < 0x20 || c.value == 0x7f:
                let hex = String(c.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(c)
            }
        }
        return out + "\""
    }
}
