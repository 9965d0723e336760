import ByteScan
import Engagement

/// A refused line that is still kept for an integrator, as it is handed to the person it is about.
///
/// An entry of `rejected/`: `{"time":…,"reason":…,"detail":…,"via":…,"line":"…"}`. Whose it was can be
/// told only of lines that are whole JSON objects.
enum RefusedLine {
    private static let entryKeys = JSONScanner(keys: [("line", 0)])
    private static let lineKeys = JSONScanner(keys: Field.allCases.map { ($0.key, $0.rawValue) })

    /// The entry as it stands, or nil where it isn't hers, or names somebody else as well.
    static func text(_ entry: [UInt8], _ own: Set<String>) -> String? {
        guard let inner = scanned(entry, entryKeys)?[0] else { return nil }
        guard let fields = scanned(Array(inner.utf8), lineKeys) else { return nil }
        func named(_ field: Field, _ front: String) -> String? {
            fields[field.rawValue].map { front + $0 }
        }
        let site = fields[Field.site.rawValue] ?? ""
        let customer = named(.customer, "c/")
        let visitor = named(.visitor, "v/\(site)/")
        guard let main = customer ?? visitor, own.contains(main) else { return nil }
        let others = [visitor, named(.into, "c/"), named(.referred, "c/")].compactMap { $0 }
        guard others.allSatisfy(own.contains) else { return nil }
        return String(decoding: entry, as: UTF8.self)
    }

    /// The text values of an object's known keys.
    private static func scanned(_ line: [UInt8], _ scanner: JSONScanner) -> [UInt8: String]? {
        let padded = line + [UInt8](repeating: 0, count: 64)
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: Field.allCases.count)
        defer { words.deallocate() }
        return padded.withUnsafeBufferPointer { bytes -> [UInt8: String]? in
            let base = bytes.baseAddress!
            let scan = scanner.scan(base, from: 0, limit: line.count, offsetDelta: 0, into: words)
            guard scan.outcome == .object else { return nil }
            var found: [UInt8: String] = [:]
            for i in 0..<scan.wordCount {
                let word = FieldWord(bits: words[i])
                guard word.isText else { continue }
                found[word.id] = plain(base + word.offset, word.length)
            }
            return found
        }
    }

    private static func plain(_ text: UnsafePointer<UInt8>, _ count: Int) -> String {
        let bytes = [UInt8](unsafeUninitializedCapacity: count + 8) { out, written in
            written = unescapeJSON(text, count, into: out.baseAddress!) ?? 0
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
