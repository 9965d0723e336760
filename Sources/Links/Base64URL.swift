/// base64url without padding (RFC 4648, section 5), one text for each value: bits that the last
/// character has to spare must be zero, or one token would have several spellings.
package enum Base64URL {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    /// 0...63, or 255.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (i, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(i) }
        return values
    }()

    package static func encode(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count * 4 + 2) / 3)
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                out.append(alphabet[Int(bits >> UInt32(count) & 63)])
            }
        }
        if count > 0 { out.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
        return String(decoding: out, as: UTF8.self)
    }

    /// nil: a character outside the alphabet, a length that no bytes have, or spare bits set.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        text.withContiguousStorageIfAvailable { decode(bytes: $0) }
            ?? Array(text).withUnsafeBufferPointer { decode(bytes: $0) }
    }

    private static func decode(bytes text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var isSound = true
        let decoded = [UInt8](unsafeUninitializedCapacity: text.count * 3 / 4 + 1) { out, n in
            values.withUnsafeBufferPointer { values in
                var bits: UInt32 = 0
                var count = 0
                for character in text {
                    let value = values[Int(character)]
                    guard value < 64 else { return isSound = false }
                    bits = bits << 6 | UInt32(value)
                    count += 6
                    if count >= 8 {
                        count -= 8
                        out.initializeElement(
                            at: n, to: UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                        n += 1
                    }
                }
                isSound = count < 6 && bits & (1 << UInt32(count) - 1) == 0
            }
        }
        return isSound ? decoded : nil
    }
}
