import Engagement
import Intake
import Journal
import Ledger
import Reports

// The rooms don't know one another: here their seams are joined.

extension Journal: BatchSink {}

extension RejectedLines: RejectionKeeper {}

extension LedgerReader: RowSource {
    func rows(_ sql: String, limit: Int) throws -> Reports.Rows {
        let found = try rows(sql: sql, arguments: [.integer(Int64(limit))])
        return Reports.Rows(
            columns: found.columns,
            rows: found.rows.map { row in
                row.map { value in
                    switch value {
                    case .null: .null
                    case .integer(let number): .integer(number)
                    case .real(let number): .real(number)
                    case .text(let text): .text(text)
                    case .blob(let bytes): .text("\(bytes.count) bytes")
                    }
                }
            })
    }
}
