package import Engagement
import Synchronization

/// Batches in memory that stand for a log: what is in it is durable.
package final class MemoryLog: Sendable {
    private let held: Mutex<[Batch]>

    package init(_ batches: [Batch] = []) { held = Mutex(batches) }

    package func append(_ batch: Batch) { held.withLock { $0.append(batch) } }

    package var watermark: UInt64 { held.withLock { $0.last?.lastSeq ?? 0 } }

    package var first: UInt64 { held.withLock { $0.first?.firstSeq ?? 1 } }

    /// Deletes the batches that lie wholly at or below `seq`.
    package func retire(through seq: UInt64) {
        held.withLock { held in held.removeAll { $0.lastSeq <= seq } }
    }

    package func read(from: UInt64, through: UInt64, into: (Batch) throws -> Void) throws {
        guard from <= through else { return }
        let batches = held.withLock { $0 }
        for batch in batches where batch.firstSeq <= through && batch.lastSeq >= from {
            if batch.firstSeq >= from, batch.lastSeq <= through {
                try into(batch)
            } else {
                let first = max(from, batch.firstSeq)
                let last = min(through, batch.lastSeq)
                try into(batch.slice(Int(first - batch.firstSeq), Int(last - batch.firstSeq)))
            }
        }
    }
}

extension Batch {
    /// A copy with lines `first...last` alone.
    package func slice(_ first: Int, _ last: Int) -> Batch {
        let copy = Batch(
            byteCapacity: byteCount, wordCapacity: max(1, wordCount), lineCapacity: last - first + 1
        )
        copy.bytes.copyMemory(from: bytes, byteCount: byteCount)
        copy.words.update(from: words, count: wordCount)
        copy.lines.update(from: lines + first, count: last - first + 1)
        copy.byteCount = byteCount
        copy.wordCount = wordCount
        copy.lineCount = last - first + 1
        copy.firstSeq = firstSeq + UInt64(first)
        return copy
    }
}
