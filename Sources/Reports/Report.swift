/// A named question to the ledger: `engaged report NAME`.
package struct Report: Sendable {
    package let name: String
    /// One line for the list of reports.
    package let summary: String
    /// In the order of the SELECT's columns.
    package let columns: [Column]
    /// One SELECT whose `?1` is the most rows wanted.
    package let sql: String

    package struct Column: Sendable, Equatable {
        /// As in JSON and CSV.
        package let name: String
        /// As at the head of a table, short.
        package let heading: String
        package let kind: Kind
    }

    package enum Kind: Sendable {
        case text
        case count
        /// Milliseconds since 1970 UTC, shown as a time.
        case time
        /// Days since 1970 UTC, shown as a date.
        case day
    }

    package enum Format: String, CaseIterable, Sendable {
        case table, json, csv
    }

    /// Every report, by name.
    package static let all: [Report] = [.customers, .newsletters, .sites]

    package static func named(_ name: String) -> Report? { all.first { $0.name == name } }

    /// Runs the report and renders it.
    /// - Parameter width: columns of the terminal, or nil not to cut anything.
    package func render(
        _ source: any RowSource, limit: Int, format: Format, width: Int? = nil
    ) throws -> String {
        let rows = try source.rows(sql, limit: limit).rows
        return switch format {
        case .table: TableText.render(columns, rows, width: width)
        case .csv: CSVText.render(columns, rows)
        case .json: JSONText.render(columns, rows)
        }
    }

    static func text(_ name: String, _ heading: String) -> Column {
        Column(name: name, heading: heading, kind: .text)
    }
    static func count(_ name: String, _ heading: String) -> Column {
        Column(name: name, heading: heading, kind: .count)
    }
    static func time(_ name: String, _ heading: String) -> Column {
        Column(name: name, heading: heading, kind: .time)
    }
    static func day(_ name: String, _ heading: String) -> Column {
        Column(name: name, heading: heading, kind: .day)
    }
}
