import TestSupport
import Testing

/// schemas/views.md names what there is.
@Suite(.enabled(if: SQLite3.isThere, "needs the sqlite3 program")) struct ViewsPageTests {
    @Test func `the page names every view and table, and each of its columns in order`() throws {
        let stored = try SQLite3.run(
            """
            SELECT m.name || ' ' || p.name FROM sqlite_master m, pragma_table_info(m.name) p
            WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, p.cid;
            """)
        let schema = Self.grouped(
            stored.split(separator: "\n").map { $0.split(separator: " ").map(String.init) })
        let page = Self.grouped(try Self.rows())
        #expect(Set(page.keys) == Set(schema.keys))
        for (name, columns) in schema { #expect(page[name] == columns, "\(name)") }
    }

    @Test func `every column has a unit and a meaning`() throws {
        for row in try Self.rows() { #expect(row.count == 4 && !row.contains(""), "\(row)") }
    }

    /// Name of the view or table, column, unit, meaning.
    private static func rows() throws -> [[String]] {
        var heading = ""
        var rows: [[String]] = []
        for line in try Repository.text("schemas/views.md").split(separator: "\n") {
            if line.hasPrefix("### `") { heading = String(line.dropFirst(5).dropLast()) }
            guard line.hasPrefix("| `") else { continue }
            let cells = line.split(separator: "|").map { cell in
                String(cell.trimming { $0 == " " || $0 == "`" })
            }
            rows.append([heading] + cells)
        }
        return rows
    }

    private static func grouped(_ rows: [[String]]) -> [String: [String]] {
        rows.reduce(into: [:]) { $0[$1[0], default: []].append($1[1]) }
    }
}

extension Substring {
    /// Without what is dropped at both ends.
    fileprivate func trimming(_ isDropped: (Character) -> Bool) -> Substring {
        guard let first = firstIndex(where: { !isDropped($0) }),
            let last = lastIndex(where: { !isDropped($0) })
        else { return "" }
        return self[first...last]
    }
}
