import Engagement
import Intake

/// In place of the journal: durable at once; remembers what came.
final class CollectingSink: BatchSink, @unchecked Sendable {
    private(set) var lines: [[UInt8]] = []
    let isCongested = false
    let isDiskLow = false

    func clear() { lines = [] }

    func submit(_ batch: Batch) {
        for i in 0..<batch.lineCount {
            let line = batch.lines[i]
            lines.append(
                Array(
                    UnsafeRawBufferPointer(
                        start: batch.bytes + Int(line.offset), count: Int(line.length))))
        }
        batch.settled?(batch, true)
    }
}
