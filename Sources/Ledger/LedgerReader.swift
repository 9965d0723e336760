import Foundation
import GRDB

/// Reads a ledger beside its writer: never writes, never checkpoints.
package final class LedgerReader: Sendable {
    package enum Value: Equatable, Sendable {
        case null
        case integer(Int64)
        case real(Double)
        case text(String)
        case blob([UInt8])
    }

    package struct Rows: Equatable, Sendable {
        package let columns: [String]
        package let rows: [[Value]]
    }

    private let queue: DatabaseQueue

    /// - Throws: `LedgerError`, also when there is no file.
    package init(_ path: String) throws {
        var configuration = Configuration()
        configuration.label = "ledger reader"
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch let error as DatabaseError {
            throw Connection.translate(error, path: path)
        }
    }

    /// The rows of one SELECT, with arguments for its `?`, in order.
    package func rows(sql: String, arguments: [Value] = []) throws -> Rows {
        var rows: [[Value]] = []
        let columns = try forEach(sql: sql, arguments: arguments) { rows.append($0) }
        return Rows(columns: columns, rows: rows)
    }

    /// The same, one row after the other.
    /// - Returns: the columns' names.
    @discardableResult
    package func forEach(
        sql: String, arguments: [Value] = [], _ body: ([Value]) throws -> Void
    ) throws -> [String] {
        do {
            return try queue.read { db in
                let statement = try db.makeStatement(sql: sql)
                let cursor = try Row.fetchCursor(
                    statement, arguments: StatementArguments(arguments.map(\.databaseValue)))
                while let row = try cursor.next() {
                    try body(row.databaseValues.map(Value.init))
                }
                return statement.columnNames
            }
        } catch let error as DatabaseError {
            throw Connection.translate(error, path: queue.path)
        }
    }

    package func close() throws { try queue.close() }
}

extension LedgerReader.Value {
    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .real(value)
        case .string(let value): self = .text(value)
        case .blob(let value): self = .blob(Array(value))
        }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let value): Data(value).databaseValue
        }
    }
}
