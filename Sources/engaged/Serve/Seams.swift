import Engagement
import Intake
import Journal
import Ledger
import Reports
import Rollup

// The rooms don't know one another: here their seams are joined.

extension Journal: BatchSink {}

extension RejectedLines: RejectionKeeper {}

/// The journal's durable side as the roll-up reads it: one thread at a time.
///
/// While it reads, the roll-up may look at older lines to prove a repetition; that needs a reader
/// of its own, because a reader fills one batch again and again.
final class JournalLog: DurableLog, @unchecked Sendable {
    private let reader: DurableReader
    private let makeReader: () -> DurableReader
    private lazy var inner = makeReader()
    private var isReading = false
    private let durable: @Sendable () -> UInt64

    /// - Parameters:
    ///   - reader: makes a reader; asked for a second one when it is needed.
    ///   - durable: the highest seq that may be read.
    init(
        _ reader: @autoclosure @escaping () -> DurableReader,
        durable: @escaping @Sendable () -> UInt64
    ) {
        self.reader = reader()
        makeReader = reader
        self.durable = durable
    }

    var watermark: UInt64 { durable() }

    func read(from: UInt64, through: UInt64, into: (Batch) throws -> Void) throws {
        if isReading { return try inner.read(from: from, through: through, into: into) }
        isReading = true
        defer { isReading = false }
        try reader.read(from: from, through: through, into: into)
    }
}

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
