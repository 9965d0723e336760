import Engagement

/// A line without what could tell who it was about.
///
/// The non-personal fields stay, byte for byte, in their order, and `"redacted":true` follows: so
/// totals stay honest and a replay gives the same. Source: schemas/events.md, "Erasure".
enum Redaction {
    private static let kept = Set(Field.impersonal.map(\.rawValue))

    /// Writes the reduced object after `{` into `out` and gives the new words.
    ///
    /// - Parameters:
    ///   - words: the line's words as scanned, offsets into `source`, text still escaped.
    ///   - delta: added to a position in `out` to make a word's offset.
    /// - Returns: bytes written, the closing brace included.
    static func reduce(
        _ source: UnsafePointer<UInt8>, words: UnsafeMutablePointer<UInt64>, count: inout Int,
        into out: UnsafeMutablePointer<UInt8>, delta: Int
    ) -> Int {
        var n = 0
        var keptCount = 0
        func put(_ text: StaticString) {
            for i in 0..<text.utf8CodeUnitCount { out[n + i] = text.utf8Start[i] }
            n += text.utf8CodeUnitCount
        }
        for i in 0..<count {
            let word = FieldWord(bits: words[i])
            guard kept.contains(word.id), let field = Field(rawValue: word.id) else { continue }
            put("\"")
            for byte in field.key.utf8 {
                out[n] = byte
                n += 1
            }
            put("\":")
            let isText = word.kind == .text
            if isText { put("\"") }
            let start = n
            (out + n).update(from: source + word.offset, count: word.length)
            n += word.length
            if isText { put("\"") }
            put(",")
            words[keptCount] =
                word.bits & 0xffff_ffff | UInt64(truncatingIfNeeded: start + delta) << 32
            keptCount += 1
        }
        put("\"redacted\":true}")
        count = keptCount
        return n
    }
}
