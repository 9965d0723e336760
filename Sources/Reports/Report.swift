/// A named question to the ledger: `engaged report NAME`.
package struct Report: Sendable {
    package let name: String
    /// One line for the list of reports.
    package let summary: String
    /// What it asks for besides the most rows, in the order of `?2`, `?3` …
    package let parameters: [Parameter]
    /// In the order of the SELECT's columns.
    package let columns: [Column]
    /// One SELECT whose `?1` is the most rows wanted, all of them where it is negative.
    package let sql: String

    init(
        name: String, summary: String, parameters: [Parameter] = [], columns: [Column], sql: String
    ) {
        self.name = name
        self.summary = summary
        self.parameters = parameters
        self.columns = columns
        self.sql = sql
    }

    package struct Column: Sendable, Equatable {
        /// As in JSON and CSV.
        package let name: String
        /// As at the head of a table, short.
        package let heading: String
        package let kind: Kind
    }

    package enum Kind: Sendable {
        case text
        /// Absent is none.
        case count
        /// Any number; absent is unknown.
        case number
        /// 0 or 1, shown as no or yes.
        case flag
        /// Milliseconds since 1970 UTC, shown as a time.
        case time
        /// Days since 1970 UTC, shown as a date.
        case day
    }

    package enum Format: String, CaseIterable, Sendable {
        case table, json, csv
    }

    /// Every report, by name.
    package static let all: [Report] = [
        .activities, .balance, .best, .buyers, .cases, .clickers, .customers, .emails, .households,
        .links, .newsletters, .open, .personas, .preferences, .promotions, .referrers, .sites,
        .stages, .unanswered,
    ]

    package static func named(_ name: String) -> Report? { all.first { $0.name == name } }

    /// Runs the report and renders it. A table that isn't the whole answer says so at its end.
    /// - Parameters:
    ///   - arguments: for its parameters, in order; see `arguments(_:)`.
    ///   - limit: the most rows, or nil for all.
    ///   - width: columns of the terminal, or nil not to cut anything.
    package func render(
        _ source: any RowSource, _ arguments: [Cell] = [], limit: Int?, format: Format,
        width: Int? = nil
    ) throws -> String {
        // One more than wanted tells whether there are more.
        let most = limit.map { Int64($0) + 1 } ?? -1
        var rows = try source.rows(sql, [.integer(most)] + arguments).rows
        let isCut = limit.map { rows.count > $0 } ?? false
        if let limit, isCut { rows.removeLast(rows.count - limit) }
        return switch format {
        case .table:
            TableText.render(columns, rows, width: width)
                + (isCut ? "(there are more: --limit)\n" : "")
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
    static func number(_ name: String, _ heading: String) -> Column {
        Column(name: name, heading: heading, kind: .number)
    }
    static func flag(_ name: String, _ heading: String) -> Column {
        Column(name: name, heading: heading, kind: .flag)
    }
    static func time(_ name: String, _ heading: String) -> Column {
        Column(name: name, heading: heading, kind: .time)
    }
    static func day(_ name: String, _ heading: String) -> Column {
        Column(name: name, heading: heading, kind: .day)
    }
}
