import ByteScan
import Engagement
import Journal

/// What a stored line says of itself, for the lines that answer it.
struct StoredFields {
    struct Cause: Equatable, Sendable {
        var id: String?
        var site: String?
        var time: String?
    }

    private let reader: DurableReader

    init(_ reader: DurableReader) { self.reader = reader }

    /// nil: the log doesn't hold the line any more.
    func read(_ seq: UInt64) throws -> Cause? { try reader.line(seq: seq).map(Self.cause) }

    private static let scanner = JSONScanner(keys: Field.allCases.map { ($0.key, $0.rawValue) })

    /// - Parameter line: one JSON object.
    static func cause(_ line: [UInt8]) -> Cause {
        var cause = Cause()
        let padded = line + [UInt8](repeating: 0, count: 64)
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: Field.allCases.count)
        defer { words.deallocate() }
        padded.withUnsafeBufferPointer { bytes in
            let base = bytes.baseAddress!
            let scan = scanner.scan(base, from: 0, limit: line.count, offsetDelta: 0, into: words)
            guard scan.outcome == .object else { return }
            for i in 0..<scan.wordCount {
                let word = FieldWord(bits: words[i])
                guard word.isText else { continue }
                switch word.id {
                case Field.id.rawValue: cause.id = text(word, base)
                case Field.site.rawValue: cause.site = text(word, base)
                case Field.time.rawValue: cause.time = text(word, base)
                default: break
                }
            }
        }
        return cause
    }

    private static func text(_ word: FieldWord, _ base: UnsafePointer<UInt8>) -> String? {
        let raw = UnsafeBufferPointer(start: base + word.offset, count: word.length)
        guard word.isEscaped else { return String(decoding: raw, as: UTF8.self) }
        var isSound = true
        let plain = [UInt8](unsafeUninitializedCapacity: word.length + 8) { out, count in
            if let n = unescapeJSON(base + word.offset, word.length, into: out.baseAddress!) {
                count = n
            } else {
                isSound = false
            }
        }
        return isSound ? String(decoding: plain, as: UTF8.self) : nil
    }
}
