/// Rows as CSV (RFC 4180): a header line, CRLF, quotes where needed. Values are as they are: a
/// spreadsheet may take one that begins with "=" for a formula.
enum CSVText {
    static func render(_ columns: [Report.Column], _ rows: [[Cell]]) -> String {
        var out = line(columns.map(\.name))
        for row in rows {
            out += line(zip(row, columns).map { CellText.plain($0, $1.kind) ?? "" })
        }
        return out
    }

    private static func line(_ cells: [String]) -> String {
        cells.map(quoted).joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ text: String) -> String {
        // By scalars: "\r\n" is one Character, which equals neither of its halves.
        let special = text.unicodeScalars.contains { ["\"", ",", "\r", "\n"].contains($0) }
        guard special else { return text }
        var out = "\""
        for c in text.unicodeScalars {
            if c == "\"" { out += "\"\"" } else { out.unicodeScalars.append(c) }
        }
        return out + "\""
    }
}
