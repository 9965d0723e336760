/// Where reports read: the ledger, opened for reading only.
package protocol RowSource {
    /// Runs one SELECT.
    /// - Parameter arguments: the values of its `?1`, `?2` …
    /// - Throws: the ledger's error.
    func rows(_ sql: String, _ arguments: [Cell]) throws -> Rows
}

/// A result in memory: every row has as many cells as there are columns.
package struct Rows: Sendable, Equatable {
    package var columns: [String]
    package var rows: [[Cell]]

    package init(columns: [String], rows: [[Cell]]) {
        self.columns = columns
        self.rows = rows
    }
}

/// One value as SQLite has it.
package enum Cell: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
}
