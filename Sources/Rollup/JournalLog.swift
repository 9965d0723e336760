package import Engagement
package import Journal

/// The journal's durable side as the roll-up reads it: one thread at a time.
///
/// While it reads, the roll-up may look at older lines to prove a repetition; that needs a reader
/// of its own, because a reader fills one batch again and again.
package final class JournalLog: DurableLog, @unchecked Sendable {
    private let reader: DurableReader
    private let makeReader: () -> DurableReader
    private lazy var inner = makeReader()
    private var isReading = false
    private let durable: @Sendable () -> UInt64

    /// - Parameters:
    ///   - reader: makes a reader; asked for a second one when it is needed.
    ///   - durable: the highest seq that may be read.
    package init(
        _ reader: @autoclosure @escaping () -> DurableReader,
        durable: @escaping @Sendable () -> UInt64
    ) {
        self.reader = reader()
        makeReader = reader
        self.durable = durable
    }

    package var watermark: UInt64 { durable() }

    package var first: UInt64 {
        get throws { try reader.firstSeq() ?? durable() + 1 }
    }

    package func read(from: UInt64, through: UInt64, into: (Batch) throws -> Void) throws {
        if isReading { return try inner.read(from: from, through: through, into: into) }
        isReading = true
        defer { isReading = false }
        try reader.read(from: from, through: through, into: into)
    }
}
