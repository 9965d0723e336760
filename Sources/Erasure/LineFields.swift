import ByteScan
import Engagement

/// The fields of one stored line. Valid as long as the line's bytes are; used again for the next.
final class LineFields {
    private static let scanner = JSONScanner(keys: Field.allCases.map { ($0.key, $0.rawValue) })

    private let words = UnsafeMutablePointer<UInt64>.allocate(capacity: Field.allCases.count)
    private(set) var count = 0
    private(set) var line = UnsafeRawBufferPointer(start: nil, count: 0)

    deinit { words.deallocate() }

    /// - Returns: whether `line` is an event, neither a control line nor one that has been reduced.
    func read(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let start = line.baseAddress else { return false }
        let base = start.assumingMemoryBound(to: UInt8.self)
        let scan = Self.scanner.scan(base, from: 0, limit: line.count, offsetDelta: 0, into: words)
        guard scan.outcome == .object else { return false }
        self.line = line
        count = scan.wordCount
        return word(.control) == nil && word(.redacted)?.kind != .true
    }

    func word(at i: Int) -> FieldWord { FieldWord(bits: words[i]) }

    func word(_ field: Field) -> FieldWord? {
        for i in 0..<count where word(at: i).id == field.rawValue { return word(at: i) }
        return nil
    }

    /// The text of a field, unescaped; nil where it is absent, empty or no text.
    func text(_ field: Field) -> [UInt8]? {
        guard let word = word(field), word.isText, word.length > 0 else { return nil }
        let bytes = UnsafeRawBufferPointer(
            rebasing: line[word.offset..<(word.offset + word.length)])
        guard word.isEscaped else { return Array(bytes) }
        let from = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
        var isText = true
        let out = [UInt8](unsafeUninitializedCapacity: word.length) { out, count in
            if let made = unescapeJSON(from, word.length, into: out.baseAddress!) {
                count = made
            } else {
                isText = false
            }
        }
        return isText && !out.isEmpty ? out : nil
    }

    func isText(_ field: Field, _ other: StaticString) -> Bool {
        text(field)?.elementsEqual(
            UnsafeBufferPointer(start: other.utf8Start, count: other.utf8CodeUnitCount)) ?? false
    }

    var type: EventType? {
        text(.type).flatMap { name in
            name.withUnsafeBytes { EventTypeTable.shared.find($0.baseAddress!, $0.count) }
        }
    }

    /// `c/<id>`, the subject that a field names.
    func customer(_ field: Field) -> [UInt8]? { text(field).map { Array("c/".utf8) + $0 } }

    /// `v/<site>/<visitor>`.
    var visitor: [UInt8]? {
        guard let visitor = text(.visitor), let site = text(.site) else { return nil }
        return Array("v/".utf8) + site + Array("/".utf8) + visitor
    }
}
