// Pieces of a JSON text that spans lines: what an HTTP body may be, and a journal line may not.

/// Index just past the value that starts at `from` (white space skipped), or nil when its brackets
/// and quotes don't balance before `limit`. The value's own grammar isn't checked.
package func endOfJSONValue(_ base: UnsafePointer<UInt8>, from: Int, limit: Int) -> Int? {
    var i = from
    while i < limit, isJSONSpace(base[i]) { i += 1 }
    guard i < limit else { return nil }
    var depth = 0
    while i < limit {
        switch base[i] {
        case UInt8(ascii: "\""):
            i += 1
            while i < limit, base[i] != UInt8(ascii: "\"") {
                i += base[i] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard i < limit else { return nil }
            i += 1
            if depth == 0 { return i }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            i += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            if depth == 0 { return i }
            depth -= 1
            i += 1
            if depth == 0 { return i }
        case UInt8(ascii: ","):
            if depth == 0 { return i }
            i += 1
        default:
            if depth == 0, isJSONSpace(base[i]) { return i }
            i += 1
        }
    }
    return depth == 0 ? i : nil
}

/// Copies a value without the white space between its tokens, so that it fits on one line.
/// One blank stays where two scalars would otherwise run together: what was malformed stays so.
/// Returns the bytes written, at most `count`.
package func compactJSON(
    _ text: UnsafePointer<UInt8>, _ count: Int, into out: UnsafeMutablePointer<UInt8>
) -> Int {
    var n = 0
    var i = 0
    var skipped = false
    while i < count {
        let byte = text[i]
        i += 1
        if isJSONSpace(byte) {
            skipped = true
            continue
        }
        if skipped, n > 0, !isPunctuation(out[n - 1]), !isPunctuation(byte) {
            out[n] = 0x20
            n += 1
        }
        skipped = false
        out[n] = byte
        n += 1
        guard byte == UInt8(ascii: "\"") else { continue }
        while i < count {
            let inner = text[i]
            out[n] = inner
            n += 1
            i += 1
            if inner == UInt8(ascii: "\"") { break }
            if inner == UInt8(ascii: "\\"), i < count {
                out[n] = text[i]
                n += 1
                i += 1
            }
        }
    }
    return n
}

private func isPunctuation(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"),
        UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "\""):
        true
    default: false
    }
}

package func isJSONSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
}
