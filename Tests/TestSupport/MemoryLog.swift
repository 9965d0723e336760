package import Engagement

/// Batches in memory that stand for a log: what is in it is durable.
package final class MemoryLog: @unchecked Sendable {
    package private(set) var batches: [Batch] = []

    package init(_ batches: [Batch] = []) { self.batches = batches }

    package func append(_ batch: Batch) { batches.append(batch) }

    package var watermark: UInt64 { batches.last?.lastSeq ?? 0 }

    package func read(from: UInt64, through: UInt64, into: (Batch) throws -> Void) throws {
        guard from <= through else { return }
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
        let copy = Batch(byteCapacity: byteCount, wordCapacity: max(1, wordCount), lineCapacity: last - first + 1)
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
