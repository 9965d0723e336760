import ByteScan
package import Engagement

/// A batch of client lines, as a lane would fill it: JSON objects, each with a type and a site.
package func batch(
    _ objects: [String], via: Batch.Via = .tcp, prefix: String = "", into empty: Batch? = nil
) -> Batch {
    let batch = empty ?? Batch()
    let base = batch.bytes.assumingMemoryBound(to: UInt8.self)
    for object in objects {
        let start = batch.byteCount
        append(object, to: batch)
        let words = batch.words + batch.wordCount
        let scan = clientScanner.scan(
            base, from: start, limit: batch.byteCount, offsetDelta: 0, into: words)
        precondition(scan.outcome == .object)
        var traits: Batch.Traits = scan.saw(Field.id.rawValue) ? [] : .madeID
        var type = EventType.custom
        var claimed = Batch.noTime
        for i in 0..<scan.wordCount {
            let word = FieldWord(bits: words[i])
            let text = base + word.offset
            if word.id == Field.type.rawValue {
                type = EventTypeTable.shared.find(text, word.length)!
            }
            if word.id == Field.time.rawValue {
                claimed = parseTimestamp(text, word.length) ?? claimed
            }
            if word.id == Field.redacted.rawValue { traits.insert(.redacted) }
        }
        let prefixOffset = batch.byteCount
        append(prefix, to: batch)
        batch.lines[batch.lineCount] = Batch.Line(
            offset: scan.open + 1, length: scan.close - scan.open, prefixOffset: prefixOffset,
            prefixLength: prefix.utf8.count, firstWord: batch.wordCount, wordCount: scan.wordCount,
            type: type, via: via, traits: traits, claimedMilliseconds: claimed)
        batch.wordCount += scan.wordCount
        batch.lineCount += 1
        batch.storedBytes += object.utf8.count + prefix.utf8.count + 100
    }
    return batch
}

private let clientScanner = JSONScanner(keys: Field.allCases.map { ($0.key, $0.rawValue) })

private func append(_ text: String, to batch: Batch) {
    var text = text
    text.withUTF8 { bytes in
        if let base = bytes.baseAddress {
            (batch.bytes + batch.byteCount).copyMemory(from: base, byteCount: bytes.count)
        }
        batch.byteCount += bytes.count
    }
}
