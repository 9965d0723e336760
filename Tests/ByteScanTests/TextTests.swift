import ByteScan
import Testing

struct TextTests {
    @Test(
        arguments: zip(
            [
                #"plain"#, #"a\u0041"#, #"\ud83d\ude00"#, #"\"\\\/\b\f\n\r\t"#, #"\u0000"#,
                #"é\u00e9"#,
            ],
            ["plain", "aA", "😀", "\"\\/\u{8}\u{c}\n\r\t", "\0", "éé"]))
    func `escapes become text`(_ escaped: String, _ plain: String) {
        #expect(unescaped(escaped).map { String(decoding: $0, as: UTF8.self) } == plain)
    }

    @Test(arguments: [#"\ud800"#, #"\ud800x"#, #"\udc00"#, #"\ud800\u0041"#, #"\ud83d\ud83d"#])
    func `half a surrogate pair has no text`(_ escaped: String) {
        #expect(unescaped(escaped) == nil)
    }

    @Test(arguments: ["", "plain", "\"quoted\" \\ back", "tab\tnul\0", "日本 é"])
    func `unescaping undoes escaping`(_ text: String) {
        let from = Array(text.utf8)
        let escaped = [UInt8](unsafeUninitializedCapacity: from.count * 6 + 1) { out, count in
            count = from.withUnsafeBufferPointer {
                $0.isEmpty ? 0 : escapeJSON($0.baseAddress!, $0.count, into: out.baseAddress!)
            }
        }
        #expect(unescaped(String(decoding: escaped, as: UTF8.self)) == from)
    }

    @Test(arguments: [0, 9, 10, 99, 12_345, .max] as [UInt64])
    func `decimals are written as Swift writes them`(_ value: UInt64) {
        var out = [UInt8](repeating: 0, count: 20)
        let n = writeDecimal(value, to: &out)
        #expect(String(decoding: out[0..<n], as: UTF8.self) == "\(value)")
    }

    @Test(
        arguments: zip(
            ["{ \"a\" : [ 1 , \"x \\\" y\" ] }", "{\"a\":1 2}", "tru e", "[\n1,\n2]"],
            ["{\"a\":[1,\"x \\\" y\"]}", "{\"a\":1 2}", "tru e", "[1,2]"]))
    func `compacting drops white space and mends nothing`(_ text: String, _ compact: String) {
        let from = Array(text.utf8)
        let out = [UInt8](unsafeUninitializedCapacity: from.count) { out, count in
            count = from.withUnsafeBufferPointer {
                compactJSON($0.baseAddress!, $0.count, into: out.baseAddress!)
            }
        }
        #expect(String(decoding: out, as: UTF8.self) == compact)
    }

    private func unescaped(_ text: String) -> [UInt8]? {
        let from = Array(text.utf8)
        var out = [UInt8](repeating: 0, count: from.count + 1)
        let n = from.withUnsafeBufferPointer { bytes -> Int? in
            bytes.isEmpty ? 0 : unescapeJSON(bytes.baseAddress!, bytes.count, into: &out)
        }
        return n.map { Array(out[0..<$0]) }
    }
}

struct TimestampTests {
    @Test(
        arguments: zip(
            [
                "1970-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z",
                "2026-11-22T10:00:00.123456789Z",
                "2026-11-22T10:00:00+02:00", "2026-11-22T10:00:00.5-00:30",
                "1969-12-31T23:59:59.999Z",
                "2024-02-29T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z",
            ],
            [
                0, 1_767_225_600_001, 1_795_341_600_123, 1_795_334_400_000, 1_795_343_400_500, -1,
                1_709_164_800_000, -62_135_596_800_000, 253_402_300_799_999,
            ] as [Int64]))
    func `RFC 3339 times are read`(_ text: String, _ milliseconds: Int64) {
        #expect(parsed(text) == milliseconds)
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22 10:00:00Z", "2026-11-22T10:00:00", "2026-11-22T10:00:60Z",
        "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T10:00:00.Z", "2026-11-22T10:00:00.1234567890Z",
        "2026-11-22T10:00:00+0200", "2026-11-22T10:00:00+24:00", "2026-11-22T10:00:00Zx",
        "yesterday, at about noon", "2026-1a-22T10:00:00Z", "2026-11-22t10:00:00z",
    ])
    func `anything else has no time`(_ text: String) { #expect(parsed(text) == nil) }

    @Test(arguments: [0, 1_767_225_600_001, -1, 951_782_400_000, 253_402_300_799_999] as [Int64])
    func `what is written reads back`(_ milliseconds: Int64) {
        var out = [UInt8](repeating: 0, count: 24)
        writeTimestamp(milliseconds, to: &out)
        #expect(parsed(String(decoding: out, as: UTF8.self)) == milliseconds)
    }

    private func parsed(_ text: String) -> Int64? {
        Array(text.utf8 + [0]).withUnsafeBufferPointer {
            parseTimestamp($0.baseAddress!, $0.count - 1)
        }
    }
}
