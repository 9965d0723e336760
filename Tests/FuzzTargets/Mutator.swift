import TestSupport

/// Makes inputs of seeds: a few changes, one on top of the other.
struct Mutator {
    let corpus: [[UInt8]]
    let words: [String]

    /// Bytes that formats give a meaning.
    private static let telling =
        Array("\0\n\r\t \"\\{}[]:;,.=&%/?#+-_0129aAzZ\u{7f}".utf8) + [0x80, 0xff]
    private static let longest = 64 << 10

    func mutant(_ random: inout SeededRNG) -> [UInt8] {
        var bytes = corpus.randomElement(using: &random) ?? []
        for _ in 0..<(1 << Int.random(in: 0...4, using: &random)) { change(&bytes, &random) }
        return Array(bytes.prefix(Self.longest))
    }

    private func change(_ bytes: inout [UInt8], _ random: inout SeededRNG) {
        func place() -> Int { Int.random(in: 0...bytes.count, using: &random) }
        func range() -> Range<Int> {
            let start = place()
            let length = random.oneIn(4) ? bytes.count : 8
            return start..<min(bytes.count, start + Int.random(in: 0...length, using: &random))
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0 where !bytes.isEmpty:
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
                1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where !bytes.isEmpty:
            bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                Self.telling.randomElement(using: &random)!
        case 2: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place())
        case 3, 4:
            bytes.insert(contentsOf: (words.randomElement(using: &random) ?? "").utf8, at: place())
        case 5: bytes.removeSubrange(range())
        case 6:
            let part = bytes[range()]
            let times = random.oneIn(20) ? 200 : 1
            for _ in 0..<times where bytes.count < Self.longest {
                bytes.insert(contentsOf: part, at: place())
            }
        case 7:
            let other = corpus.randomElement(using: &random) ?? []
            bytes =
                bytes.prefix(place())
                + other.suffix(Int.random(in: 0...other.count, using: &random))
        case 8: raise(&bytes, &random)
        default: bytes.removeLast(random.oneIn(3) ? bytes.count - place() : 0)
        }
    }

    /// Makes another number of one: lengths and versions are where parsers are wrong.
    private func raise(_ bytes: inout [UInt8], _ random: inout SeededRNG) {
        let digits = bytes.indices.filter { (48...57).contains(bytes[$0]) }
        guard let at = digits.randomElement(using: &random) else { return }
        let numbers = ["0", "-1", "00", "65536", "4294967296", "9223372036854775808", "1e9", "f"]
        bytes.replaceSubrange(at...at, with: numbers.randomElement(using: &random)!.utf8)
    }
}
