import Engagement
import Intake
import Journal
import Ledger
import Reports

// The rooms don't know one another: here their seams are joined.

extension Journal: BatchSink {}

extension RejectedLines: RejectionKeeper {}

extension LedgerReader: RowSource {
    func rows(_ sql: String, _ arguments: [Cell]) throws -> Reports.Rows {
        let found = try rows(sql: sql, arguments: arguments.map(Value.init))
        return Reports.Rows(columns: found.columns, rows: found.rows.map { $0.map(Cell.init) })
    }
}

extension LedgerReader.Value {
    init(_ cell: Cell) {
        switch cell {
        case .null: self = .null
        case .integer(let number): self = .integer(number)
        case .real(let number): self = .real(number)
        case .text(let text): self = .text(text)
        }
    }
}

extension Cell {
    init(_ value: LedgerReader.Value) {
        switch value {
        case .null: self = .null
        case .integer(let number): self = .integer(number)
        case .real(let number): self = .real(number)
        case .text(let text): self = .text(text)
        case .blob(let bytes): self = .text("\(bytes.count) bytes")
        }
    }
}
