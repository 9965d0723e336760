import ByteScan
package import Engagement

/// Reads stored lines back into a batch: the same fields in the same form as when they came in.
package struct StoredLines {
    private let scanner = JSONScanner.allFields
    private let types = EventTypeTable.shared
    /// Lines of one member were received at the same time, mostly: the last text and its value.
    private var lastReceived: StoredLine.Stamp?
    private var lastReceivedMilliseconds: Int64 = 0

    package init() {}

    /// Fills `batch` from the body of a member that already lies at the start of its bytes.
    ///
    /// - Parameters:
    ///   - rawBytes: the body's length.
    ///   - seqs: of all lines in the body.
    ///   - wanted: the lines to keep.
    /// - Returns: false where the body's lines aren't as many as `seqs`.
    package mutating func fill(
        _ batch: Batch, rawBytes: Int, seqs: Range<UInt64>, wanted: Range<UInt64>
    ) -> Bool {
        let base = batch.bytes.assumingMemoryBound(to: UInt8.self)
        batch.byteCount = rawBytes
        batch.storedBytes = rawBytes
        batch.firstSeq = wanted.lowerBound
        batch.wordCount = 0
        batch.lineCount = 0
        var at = 0
        var seq = seqs.lowerBound
        while at < rawBytes {
            guard seq < seqs.upperBound else { return false }
            if wanted.contains(seq) {
                guard batch.lineCount < batch.lineCapacity,
                    batch.wordCount + Field.allCases.count <= batch.wordCapacity,
                    let next = append(batch, base, at, rawBytes, seq)
                else { return false }
                at = next
            } else {
                guard let end = StoredLine.end(base, at, rawBytes) else { return false }
                at = end + 1
            }
            seq &+= 1
        }
        return seq == seqs.upperBound
    }

    /// Adds one line. - Returns: where the next begins, or nil where this one has no end.
    @inline(__always)
    private mutating func append(
        _ batch: Batch, _ base: UnsafeMutablePointer<UInt8>, _ at: Int, _ limit: Int, _ seq: UInt64
    ) -> Int? {
        var line = Batch.Line(
            offset: at, length: 0, prefixOffset: 0, prefixLength: 0, firstWord: batch.wordCount,
            wordCount: 0, type: .custom, via: .tcp, traits: .unreadable,
            claimedMilliseconds: Batch.noTime)
        var next: Int?
        if let front = StoredLine.Front(base, at, limit, seq: seq) {
            line.receivedMilliseconds = received(front.stamp, base + front.stampOffset)
            line.via = front.via
            line.offset = UInt32(front.end + 1)
            if front.via == .control {
                line.traits = .control
            } else if front.hasFields {
                next = fields(batch, &line, base, front.end, limit, seq)
            }
        }
        if next == nil {
            guard let end = StoredLine.end(base, at, limit) else { return nil }
            line.length = UInt32(max(0, end - Int(line.offset)))
            next = end + 1
        }
        batch.lines[batch.lineCount] = line
        batch.lineCount += 1
        return next
    }

    private mutating func received(
        _ stamp: StoredLine.Stamp, _ text: UnsafeMutablePointer<UInt8>
    ) -> Int64 {
        if let lastReceived, lastReceived == stamp { return lastReceivedMilliseconds }
        lastReceivedMilliseconds = parseTimestamp(text, StoredLine.Stamp.bytes) ?? 0
        lastReceived = stamp
        return lastReceivedMilliseconds
    }

    /// Scans the client's fields; `open` is the comma before them, which stands for their `{` as
    /// long as the scan takes. - Returns: where the next line begins, or nil where this is no JSON.
    @inline(__always)
    private func fields(
        _ batch: Batch, _ line: inout Batch.Line, _ base: UnsafeMutablePointer<UInt8>, _ open: Int,
        _ limit: Int, _ seq: UInt64
    ) -> Int? {
        let words = batch.words + batch.wordCount
        base[open] = UInt8(ascii: "{")
        let scan = scanner.scan(base, from: open, limit: limit, offsetDelta: 0, into: words)
        base[open] = UInt8(ascii: ",")
        guard scan.outcome == .object, scan.next > open, base[scan.next - 1] == UInt8(ascii: "\n")
        else { return nil }
        line.length = UInt32(scan.close - open)
        var kept = 0
        var type: EventType?
        var hasSite = false
        var traits: Batch.Traits = []
        for i in 0..<scan.wordCount {
            var word = FieldWord(bits: words[i])
            let kind = word.kind
            if kind == .null || kind == .nested || (kind == .text && word.length == 0) { continue }
            if word.isEscaped {
                guard let plain = unescape(batch, base, word) else { continue }
                word = plain
            }
            switch word.id {
            case Field.type.rawValue:
                type = kind == .text ? types.find(base + word.offset, word.length) : nil
            case Field.time.rawValue:
                if kind == .text, let time = parseTimestamp(base + word.offset, word.length) {
                    line.claimedMilliseconds = time
                }
            case Field.site.rawValue: hasSite = true
            case Field.id.rawValue:
                if StoredLine.isMadeID(base + word.offset, word.length, seq) {
                    traits.insert(.madeID)
                    continue
                }
            case Field.redacted.rawValue:
                if kind == .true { traits.insert(.redacted) }
                continue
            case Field.seq.rawValue, Field.received.rawValue, Field.via.rawValue,
                Field.control.rawValue:
                continue
            default: break
            }
            words[kept] = word.bits
            kept += 1
        }
        guard let type, hasSite else { return scan.next }
        line.type = type
        line.traits = traits
        line.wordCount = UInt16(kept)
        batch.wordCount += kept
        return scan.next
    }

    /// Writes the plain text of an escaped value behind the lines.
    private func unescape(
        _ batch: Batch, _ base: UnsafeMutablePointer<UInt8>, _ word: FieldWord
    ) -> FieldWord? {
        let start = batch.byteCount
        guard batch.byteCapacity - start >= word.length,
            let count = unescapeJSON(base + word.offset, word.length, into: base + start), count > 0
        else { return nil }
        batch.byteCount += count
        return FieldWord(
            id: word.id, kind: FieldWord.Kind.text.rawValue, offset: start, length: count)
    }
}

extension JSONScanner {
    /// Knows every field. Made once: a reader is made for every start of a read.
    static let allFields = JSONScanner(keys: Field.allCases.map { ($0.key, $0.rawValue) })
}
