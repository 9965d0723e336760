package import Engagement
package import Journal

/// The durable log, read on a thread of its own a few members ahead of whoever folds them: for a replay,
/// where nobody else needs the second core and unpacking takes a quarter of the time.
///
/// Where a thread can't be had it is read by the caller's. For one thread at a time, as `JournalLog`.
package final class LogAhead: DurableLog, @unchecked Sendable {
    private let reader: DurableReader
    /// For what is looked up while the reader is at work.
    private let beside: JournalLog
    private var isReading = false

    /// - Parameters:
    ///   - reader: makes a reader; asked more than once.
    ///   - durable: the highest seq that may be read.
    package init(
        _ reader: @autoclosure @escaping () -> DurableReader,
        durable: @escaping @Sendable () -> UInt64
    ) {
        self.reader = reader()
        beside = JournalLog(reader(), durable: durable)
    }

    package var watermark: UInt64 { beside.watermark }
    package var first: UInt64 { get throws { try beside.first } }

    package func read(from: UInt64, through: UInt64, into: (Batch) throws -> Void) throws {
        if isReading { return try beside.read(from: from, through: through, into: into) }
        isReading = true
        defer { isReading = false }
        let belt = BatchBelt()
        guard
            let thread = try? PlainThread(
                name: "reader",
                { [self] in
                    belt.end(
                        Result {
                            try reader.read(
                                from: from, through: through, nextBatch: belt.empty, into: belt.put)
                        })
                })
        else { return try beside.read(from: from, through: through, into: into) }
        defer {
            belt.stop()
            thread.join()
        }
        while let batch = try belt.take() { try into(batch) }
    }
}
