import ByteScan
import Testing

/// Keys that the tests look for, by their index.
private let keys = ["type", "id", "site", "customer", "amount", "hard", "billing_address", "case"]
private let scanner = JSONScanner(keys: keys.enumerated().map { ($1, UInt8($0)) })

private struct Found: Equatable {
    var key: String
    var kind: UInt8
    var escaped: Bool
    var text: String
}

private func scan(_ line: [UInt8], from: Int = 0) -> (scan: Scan, found: [Found]) {
    var words = [UInt64](repeating: 0, count: keys.count)
    return line.withUnsafeBufferPointer { bytes in
        let scan = words.withUnsafeMutableBufferPointer {
            scanner.scan(
                bytes.baseAddress!, from: from, limit: bytes.count, offsetDelta: 0,
                into: $0.baseAddress!)
        }
        let found = words[0..<scan.wordCount].map { word -> Found in
            let offset = Int(word >> 32)
            let length = Int((word >> 16) & 0xffff)
            return Found(
                key: keys[Int(UInt8(truncatingIfNeeded: word))],
                kind: UInt8(truncatingIfNeeded: word >> 8) & 0x7f, escaped: word & 0x8000 != 0,
                text: String(decoding: bytes[offset..<(offset + length)], as: UTF8.self))
        }
        return (scan, found)
    }
}

private func outcome(_ text: String) -> Scan.Outcome { scan(Array(text.utf8)).scan.outcome }

struct JSONScannerTests {
    @Test func `known fields are found with their kind and place`() {
        let (result, found) = scan(
            Array(
                #" {"type":"order", "x":[1,{"y":null}],"amount":-12,"hard":true,"customer":"a\u0041é","id":null,"case":1.5e3} "#
                    .utf8))
        #expect(result.outcome == .object)
        #expect(result.hasNested)
        #expect(result.hasEscapes)
        #expect(
            found == [
                Found(key: "type", kind: 0, escaped: false, text: "order"),
                Found(key: "amount", kind: 1, escaped: false, text: "-12"),
                Found(key: "hard", kind: 3, escaped: false, text: "true"),
                Found(key: "customer", kind: 0, escaped: true, text: #"a\u0041é"#),
                Found(key: "id", kind: 5, escaped: false, text: "null"),
                Found(key: "case", kind: 2, escaped: false, text: "1.5e3"),
            ])
    }

    @Test func `lines follow one another`() {
        let text = Array("{\"id\":\"1\"}\r\n\n{\"id\":\"2\"}\n{bad\n{\"id\":\"3\"}".utf8)
        var at = 0
        var seen: [String] = []
        while at < text.count {
            let (result, found) = scan(text, from: at)
            seen.append("\(result.outcome) \(found.first?.text ?? "")")
            at = result.next
        }
        #expect(seen == ["object 1", "blank ", "object 2", "malformed ", "object 3"])
    }

    @Test(arguments: [
        "{}", #"{"a":0}"#, #"{"a":-0.5E+10}"#, #"{"a":"\"\\\/\b\f\n\r\t\u00e9"}"#, #"{"a":[]}"#,
        #"{"a":[[[{"b":{}}],2]]}"#, "\t{ \"a\" : 1 , \"b\" : 2 } ", #"{"a":"日本"}"#,
        #"{"a":"\ud800"}"#, #"{"":1}"#,
    ])
    func `an object of RFC 8259 is one`(_ text: String) { #expect(outcome(text) == .object) }

    @Test(arguments: [
        "{", "}", "[]", "1", "null", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,\"a\":1}",
        "{\"a\":01}",
        "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":-}", "{\"a\":1e}", "{\"a\":NaN}",
        "{\"a\":Infinity}", "{\"a\":tru}", "{\"a\":True}", "{'a':1}", "{a:1}", "{\"a\":\"\u{1}\"}",
        "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"x}", "{\"a\":1}}", "{\"a\":1} x",
        "{\"a\":[1,]}", "{\"a\":[1}", "{\"a\":{\"b\":1]}", "{\"a\":{1:2}}", "{\"a\":1 \"b\":2}",
        "\u{feff}{\"a\":1}", "{\"a\":\"\0\"}", "{\"a\":\"\u{0}",
    ])
    func `anything else is malformed`(_ text: String) { #expect(outcome(text) == .malformed) }

    @Test(arguments: [
        #"{"id":1,"id":2}"#, #"{"x":1,"x":2}"#, #"{"i\u0064":1,"id":2}"#, #"{"x\u0079":1,"xy":2}"#,
        #"{"a_very_long_unknown_key":1,"a_very_long_unknown_key":1}"#,
        "{" + (0..<100).map { "\"k\($0)\":0" }.joined(separator: ",") + ",\"k7\":1}",
    ])
    func `a key that comes twice is malformed, however it is spelled`(_ text: String) {
        #expect(outcome(text) == .malformed)
    }

    @Test func `many different unknown keys are fine`() {
        #expect(
            outcome("{" + (0..<3_000).map { "\"k\($0)\":0" }.joined(separator: ",") + "}")
                == .object)
    }

    @Test(arguments: [63, 64, 65, 5_000])
    func `nesting is bounded without recursion`(_ depth: Int) {
        let text =
            "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            + "}"
        #expect(outcome(text) == (depth <= 64 ? .object : .malformed))
    }

    @Test(
        arguments: [
            [0x22, 0xff, 0x22], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
            [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xe2, 0x82, 0x22],
        ] as [[UInt8]])
    func `what is not UTF-8 is told apart from what is not JSON`(_ value: [UInt8]) {
        #expect(scan(Array("{\"a\":".utf8) + value + Array("}".utf8)).scan.outcome == .invalidUTF8)
        #expect(scan(Array("{\"a\"".utf8) + value).scan.outcome == .invalidUTF8)
    }

    /// No bytes trap the scanner, and it never looks past the limit: what lies there is garbage
    /// that would change the outcome.
    @Test(arguments: 0..<8)
    func `random damage never traps and the limit holds`(_ seed: Int) {
        var dice = SystemDice(seed: UInt64(seed) + 77)
        let good = Array(
            #"{"type":"order","id":"e-1","site":"shop","customer":"c\u0041","amount":12,"x":{"a":[1,"b"]},"hard":false}"#
                .utf8)
        for _ in 0..<4_000 {
            var line = good
            for _ in 0..<(1 + dice.below(3)) {
                switch dice.below(3) {
                case 0: line[dice.below(line.count)] = UInt8(dice.below(256))
                case 1: line.remove(at: dice.below(line.count))
                default: line.insert(UInt8(dice.below(256)), at: dice.below(line.count))
                }
            }
            let cut = dice.below(line.count + 1)
            let short = Array(line[0..<cut])
            let alone = short.withUnsafeBufferPointer { bytes -> Scan.Outcome in
                guard bytes.count > 0 else { return .blank }
                return scan(Array(bytes)).scan.outcome
            }
            var padded = short
            padded += Array("\"}]}\"}".utf8)
            var words = [UInt64](repeating: 0, count: keys.count)
            let bounded = padded.withUnsafeBufferPointer { bytes in
                scanner.scan(
                    bytes.baseAddress!, from: 0, limit: cut, offsetDelta: 0, into: &words)
            }
            #expect(bounded.outcome == alone, "seed \(seed): \(short)")
            #expect(bounded.next <= cut)
        }
    }
}

/// SplitMix64 for this file's property tests.
private struct SystemDice {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return Int((z ^ z >> 31) % UInt64(bound))
    }
}
