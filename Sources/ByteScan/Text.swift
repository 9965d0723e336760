/// Unescapes the inside of a well-formed JSON string.
///
/// - Parameter out: room for `count` bytes: unescaped text is never longer.
/// - Returns: bytes written, or nil when an escape is half a surrogate pair, which UTF-8 can't
///   hold (RFC 3629).
package func unescapeJSON(
    _ text: UnsafePointer<UInt8>, _ count: Int, into out: UnsafeMutablePointer<UInt8>
) -> Int? {
    var i = 0
    var n = 0
    while i < count {
        let byte = text[i]
        i += 1
        guard byte == UInt8(ascii: "\\"), i < count else {
            out[n] = byte
            n += 1
            continue
        }
        let escape = text[i]
        i += 1
        switch escape {
        case UInt8(ascii: "b"): out[n] = 0x08
        case UInt8(ascii: "f"): out[n] = 0x0c
        case UInt8(ascii: "n"): out[n] = 0x0a
        case UInt8(ascii: "r"): out[n] = 0x0d
        case UInt8(ascii: "t"): out[n] = 0x09
        case UInt8(ascii: "u"):
            guard var scalar = fourHex(text, i, count) else { return nil }
            i += 4
            if scalar &>> 10 == 0x36 {
                guard i + 6 <= count, text[i] == UInt8(ascii: "\\"),
                    text[i + 1] == UInt8(ascii: "u"),
                    let low = fourHex(text, i + 2, count), low &>> 10 == 0x37
                else { return nil }
                i += 6
                scalar = 0x10000 + (scalar & 0x3ff) &<< 10 + low & 0x3ff
            } else if scalar &>> 10 == 0x37 {
                return nil
            }
            n += writeUTF8(scalar, to: out + n)
            continue
        default: out[n] = escape
        }
        n += 1
    }
    return n
}

private func fourHex(_ text: UnsafePointer<UInt8>, _ at: Int, _ count: Int) -> UInt32? {
    guard at + 4 <= count else { return nil }
    var value: UInt32 = 0
    for k in 0..<4 {
        guard let digit = hexDigit(text[at + k]) else { return nil }
        value = value &<< 4 | UInt32(digit)
    }
    return value
}

private func writeUTF8(_ scalar: UInt32, to out: UnsafeMutablePointer<UInt8>) -> Int {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (scalar &>> shift) & 0x3f) }
    switch scalar {
    case 0..<0x80:
        out[0] = UInt8(scalar)
        return 1
    case 0x80..<0x800:
        out[0] = UInt8(0xc0 | scalar &>> 6)
        out[1] = tail(0)
        return 2
    case 0x800..<0x10000:
        out[0] = UInt8(0xe0 | scalar &>> 12)
        out[1] = tail(6)
        out[2] = tail(0)
        return 3
    default:
        out[0] = UInt8(0xf0 | scalar &>> 18)
        out[1] = tail(12)
        out[2] = tail(6)
        out[3] = tail(0)
        return 4
    }
}

/// Writes text as the inside of a JSON string: quotes, backslashes and controls escaped.
///
/// - Parameter out: room for 6 × `count` bytes.
/// - Returns: bytes written.
package func escapeJSON(
    _ text: UnsafePointer<UInt8>, _ count: Int, into out: UnsafeMutablePointer<UInt8>
) -> Int {
    let hex: StaticString = "0123456789abcdef"
    var n = 0
    for i in 0..<count {
        let byte = text[i]
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            out[n] = UInt8(ascii: "\\")
            out[n + 1] = byte
            n += 2
        case 0..<0x20:
            let escape: StaticString = "\\u00"
            for k in 0..<4 { out[n + k] = escape.utf8Start[k] }
            out[n + 4] = hex.utf8Start[Int(byte &>> 4)]
            out[n + 5] = hex.utf8Start[Int(byte & 15)]
            n += 6
        default:
            out[n] = byte
            n += 1
        }
    }
    return n
}

extension [UInt8] {
    /// Appends text as a JSON string, with its quotes.
    package mutating func appendQuoted(_ text: UnsafeBufferPointer<UInt8>) {
        append(UInt8(ascii: "\""))
        if let start = text.baseAddress, text.contains(where: mustEscape) {
            self += [UInt8](unsafeUninitializedCapacity: text.count * 6) { out, count in
                if let to = out.baseAddress { count = escapeJSON(start, text.count, into: to) }
            }
        } else {
            append(contentsOf: text)
        }
        append(UInt8(ascii: "\""))
    }
}

private func mustEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
}

/// Text as a JSON string, with its quotes.
package func quotedJSON(_ text: String) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(text.utf8.count + 2)
    var text = text
    text.withUTF8 { out.appendQuoted($0) }
    return String(decoding: out, as: UTF8.self)
}

/// Well-formed UTF-8 as Unicode 15 table 3-7 has it: no overlong forms, no surrogates.
package func isValidUTF8(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var i = 0
    while i < count {
        if i &+ 8 <= count, load8(bytes, i) & highs == 0 {
            i &+= 8
            continue
        }
        let lead = bytes[i]
        if lead < 0x80 {
            i &+= 1
            continue
        }
        let length: Int
        var low: UInt8 = 0x80
        var high: UInt8 = 0xbf
        switch lead {
        case 0xc2...0xdf: length = 2
        case 0xe0: (length, low) = (3, 0xa0)
        case 0xed: (length, high) = (3, 0x9f)
        case 0xe1...0xec, 0xee, 0xef: length = 3
        case 0xf0: (length, low) = (4, 0x90)
        case 0xf1...0xf3: length = 4
        case 0xf4: (length, high) = (4, 0x8f)
        default: return false
        }
        guard i &+ length <= count, bytes[i &+ 1] >= low, bytes[i &+ 1] <= high else {
            return false
        }
        for k in 2..<max(2, length) where bytes[i &+ k] & 0xc0 != 0x80 { return false }
        i &+= length
    }
    return true
}

/// Writes decimal digits; at most 20 of them. Returns how many.
package func writeDecimal(_ value: UInt64, to out: UnsafeMutablePointer<UInt8>) -> Int {
    var digits = 1
    var bound: UInt64 = 10
    while digits < 20, value >= bound {
        digits &+= 1
        bound = bound &* 10
    }
    var rest = value
    var i = digits
    repeat {
        i &-= 1
        out[i] = UInt8(truncatingIfNeeded: 48 &+ rest % 10)
        rest /= 10
    } while i > 0
    return digits
}
