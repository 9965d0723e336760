package import Engagement

extension Batch {
    /// What the server's fields of a line come to at most, prefix apart: seq, received, via and a
    /// made id.
    private static let lineStampBytes = 112

    /// No further line may be admitted: hand the batch over.
    ///
    /// A line takes at most four times its length (itself, its unescaped values, and both again
    /// when it is reduced), which the capacity leaves room for beyond this bound.
    package var isFull: Bool {
        lineCount == lineCapacity || storedBytes >= Self.closeBytes
            || byteCount >= Self.closeBytes - 8 << 10 || wordCount + 128 > wordCapacity
    }

    /// Adds a line whose bytes and words already stand behind the counts.
    @inline(__always)
    func append(_ line: Line, endingAt end: Int) {
        lines[lineCount] = line
        lineCount &+= 1
        wordCount &+= Int(line.wordCount)
        byteCount = end
        storedBytes &+= Int(line.length) &+ Int(line.prefixLength) &+ Self.lineStampBytes
    }
}
