/// Rows as an aligned table for a terminal.
enum TableText {
    /// - Parameter width: the terminal's columns; text columns are cut, the widest first, until
    ///   the table fits or each is down to eight. nil: nothing is cut.
    static func render(_ columns: [Report.Column], _ rows: [[Cell]], width: Int?) -> String {
        let body = rows.map { row in
            zip(row, columns).map { TerminalText.safe(CellText.short($0, $1.kind)) }
        }
        var widths = columns.indices.map { i in
            body.reduce(TerminalText.width(columns[i].heading)) {
                max($0, TerminalText.width($1[i]))
            }
        }
        if let width { shrink(&widths, columns, to: width) }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
        var out = line(columns.map(\.heading), widths, columns) + rule + "\n"
        for row in body { out += line(row, widths, columns) }
        if rows.isEmpty { out += "(nothing yet)\n" }
        return out
    }

    private static func shrink(_ widths: inout [Int], _ columns: [Report.Column], to width: Int) {
        let gaps = 2 * (columns.count - 1)
        while widths.reduce(gaps, +) > width {
            let candidates = columns.indices.filter { columns[$0].kind == .text && widths[$0] > 8 }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
        }
    }

    /// Numbers to the right, everything else to the left, no blanks at the end.
    private static func line(
        _ cells: [String], _ widths: [Int], _ columns: [Report.Column]
    ) -> String {
        var out = ""
        for (i, cell) in cells.enumerated() {
            let text = TerminalText.cut(cell, to: widths[i])
            let blanks = String(repeating: " ", count: widths[i] - TerminalText.width(text))
            out += isNumber(columns[i].kind) ? blanks + text : text + blanks
            out += "  "
        }
        while out.last == " " { out.removeLast() }
        return out + "\n"
    }

    private static func isNumber(_ kind: Report.Kind) -> Bool { kind == .count || kind == .number }
}
