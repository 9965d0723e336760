import ByteScan
package import Engagement
import Foundation

/// Stored lines of a log, given as text, as batches: a small reader that needs no journal.
///
/// Lines that can't be events are left out, with the reason code counted; their seq becomes an
/// unreadable line, so that seqs stay gapless.
package final class EventLines: @unchecked Sendable {
    package private(set) var rejected: [String: Int] = [:]
    private let scanner = JSONScanner(keys: Field.allCases.map { ($0.key, $0.rawValue) })
    private let types = EventTypeTable.shared
    private let words = UnsafeMutablePointer<UInt64>.allocate(capacity: 128)

    package init() {}

    deinit { words.deallocate() }

    /// Cuts lines into batches; `cut` says after each line whether its batch ends.
    package func batches(_ text: [UInt8], cut: (Int) -> Bool) -> [Batch] {
        var batches: [Batch] = []
        var batch = Batch()
        var next: UInt64 = 0
        text.withUnsafeBufferPointer { text in
            var at = 0
            while at < text.count {
                var end = at
                while end < text.count, text[end] != 10 { end += 1 }
                defer { at = end + 1 }
                let start = batch.byteCount
                (batch.bytes + start).copyMemory(from: text.baseAddress! + at, byteCount: end - at)
                batch.byteCount += end - at
                guard let seq = read(batch, start, end - at, next) else {
                    batch.byteCount = start
                    continue
                }
                if batch.lineCount == 1 { batch.firstSeq = seq }
                next = seq + 1
                let isFull =
                    batch.byteCount >= Batch.closeBytes || batch.lineCount == batch.lineCapacity
                if isFull || cut(batch.lineCount) {
                    batches.append(batch)
                    batch = Batch()
                }
            }
        }
        if batch.lineCount > 0 { batches.append(batch) }
        return batches
    }

    /// Adds the line that lies at `start` of the batch's bytes. nil: it has no seq.
    private func read(_ batch: Batch, _ start: Int, _ count: Int, _ next: UInt64) -> UInt64? {
        let base = UnsafePointer(batch.bytes.assumingMemoryBound(to: UInt8.self))
        let scan = scanner.scan(
            base, from: start, limit: start + count, offsetDelta: 0, into: words)
        if scan.outcome == .blank { return nil }
        guard scan.outcome == .object else {
            reject(scan.outcome == .invalidUTF8 ? "invalid_utf8" : "malformed_json")
            return seqByForce(base + start, count).map { unreadable(batch, start, count, $0) }
        }
        let fields = Fields(base, words, scan.wordCount)
        guard let seq = fields.integer(.seq).map(UInt64.init),
            let text = fields.text(.received),
            let received = text.withUnsafeBufferPointer({
                parseTimestamp($0.baseAddress!, $0.count)
            })
        else {
            reject("bad_envelope")
            return nil
        }
        fillGap(batch, start, next, seq)
        if fields.has(.control) {
            batch.lines[batch.lineCount] = Batch.Line(
                offset: start, length: count, prefixOffset: 0, prefixLength: 0,
                firstWord: batch.wordCount, wordCount: 0, type: .custom, via: .control,
                traits: .control, claimedMilliseconds: Batch.noTime, receivedMilliseconds: received)
            batch.lineCount += 1
            return seq
        }
        guard let name = fields.text(.type),
            let type = name.withUnsafeBytes({ types.find($0.baseAddress!, $0.count) })
        else {
            reject("unknown_type")
            return unreadable(batch, start, count, seq)
        }
        if let why = refusal(fields, type) {
            reject(why)
            return unreadable(batch, start, count, seq)
        }
        let claimed = fields.text(.time).flatMap { text in
            text.withUnsafeBufferPointer { parseTimestamp($0.baseAddress!, $0.count) }
        }
        let firstWord = batch.wordCount
        for i in 0..<scan.wordCount { keep(FieldWord(bits: words[i]), batch) }
        batch.lines[batch.lineCount] = Batch.Line(
            offset: start, length: count, prefixOffset: 0, prefixLength: 0, firstWord: firstWord,
            wordCount: batch.wordCount - firstWord, type: type, via: .tcp,
            traits: fields.has(.redacted) ? .redacted : [],
            claimedMilliseconds: claimed ?? Batch.noTime, receivedMilliseconds: received)
        batch.lineCount += 1
        return seq
    }

    /// Keeps a word as a batch must hold it: no absent values, no escapes.
    private func keep(_ word: FieldWord, _ batch: Batch) {
        if word.kind == .null || word.kind == .text && word.length == 0 { return }
        var kept = word
        if word.kind == .text, word.isEscaped {
            let text = (batch.bytes + word.offset).assumingMemoryBound(to: UInt8.self)
            let out = (batch.bytes + batch.byteCount).assumingMemoryBound(to: UInt8.self)
            let count = unescapeJSON(text, word.length, into: out) ?? 0
            kept = FieldWord(id: word.id, kind: 0, offset: batch.byteCount, length: count)
            batch.byteCount += count
        }
        batch.words[batch.wordCount] = kept.bits
        batch.wordCount += 1
    }

    /// Seqs that no line has become unreadable ones, so that the batch's are gapless.
    private func fillGap(_ batch: Batch, _ start: Int, _ next: UInt64, _ seq: UInt64) {
        guard batch.lineCount > 0, next < seq else { return }
        for missing in next..<seq { _ = unreadable(batch, start, 0, missing) }
    }

    private func unreadable(_ batch: Batch, _ start: Int, _ count: Int, _ seq: UInt64) -> UInt64 {
        batch.lines[batch.lineCount] = Batch.Line(
            offset: start, length: count, prefixOffset: 0, prefixLength: 0,
            firstWord: batch.wordCount, wordCount: 0, type: .custom, via: .tcp,
            traits: .unreadable, claimedMilliseconds: Batch.noTime)
        batch.lineCount += 1
        return seq
    }

    private func reject(_ reason: String) { rejected[reason, default: 0] += 1 }

    /// The seq of a line that isn't JSON, if it names one.
    private func seqByForce(_ line: UnsafePointer<UInt8>, _ count: Int) -> UInt64? {
        let text = String(decoding: UnsafeBufferPointer(start: line, count: count), as: UTF8.self)
        guard let range = text.range(of: "\"seq\":") else { return nil }
        return UInt64(text[range.upperBound...].prefix { $0.isNumber })
    }

    /// Why the gates would have refused the line; enough of the rules for generated logs.
    private func refusal(_ fields: Fields, _ type: EventType) -> String? {
        for i in 0..<fields.count {
            let word = FieldWord(bits: fields.words[i])
            guard let field = Field(rawValue: word.id), word.kind != .null else { continue }
            switch field.shape {
            case .text(let maximum):
                guard word.kind == .text else { return "invalid_field" }
                guard let text = fields.text(field) else {
                    return word.length == 0 ? nil : "invalid_utf8"
                }
                if text.count > maximum { return "invalid_field" }
            case .integer(let range):
                guard word.kind == .integer, let value = fields.integer(field) else {
                    return "invalid_field"
                }
                if !range.contains(value) { return "invalid_field" }
            case .boolean, .server: break
            }
        }
        if !fields.has(.site) || !fields.has(.id) { return "missing_field" }
        if fields.has(.redacted) { return nil }
        let erased = fields.text(.erased).map { String(decoding: $0, as: UTF8.self) }
        for field in type.required where !fields.has(field) && erased != field.key {
            return "missing_field"
        }
        return type.needsSomeone && !fields.has(.customer) && !fields.has(.visitor)
            ? "missing_field" : nil
    }
}

/// The scanned fields of one line.
private struct Fields {
    let base: UnsafePointer<UInt8>
    let words: UnsafeMutablePointer<UInt64>
    let count: Int

    init(_ base: UnsafePointer<UInt8>, _ words: UnsafeMutablePointer<UInt64>, _ count: Int) {
        self.base = base
        self.words = words
        self.count = count
    }

    func word(_ field: Field) -> FieldWord? {
        for i in 0..<count {
            let word = FieldWord(bits: words[i])
            let isAbsent = word.kind == .null || word.kind == .text && word.length == 0
            if word.id == field.rawValue, !isAbsent { return word }
        }
        return nil
    }

    func has(_ field: Field) -> Bool { word(field) != nil }

    /// Unescaped; nil also when it is no text.
    func text(_ field: Field) -> [UInt8]? {
        guard let word = word(field), word.kind == .text else { return nil }
        guard word.isEscaped else {
            return Array(UnsafeBufferPointer(start: base + word.offset, count: word.length))
        }
        var out = [UInt8](repeating: 0, count: word.length)
        let count = out.withUnsafeMutableBufferPointer {
            unescapeJSON(base + word.offset, word.length, into: $0.baseAddress!)
        }
        return count.map { Array(out.prefix($0)) }
    }

    func integer(_ field: Field) -> Int64? {
        guard let word = word(field), word.kind == .integer else { return nil }
        let digits = UnsafeBufferPointer(start: base + word.offset, count: word.length)
        return Int64(String(decoding: digits, as: UTF8.self))
    }
}
