import Rollup
import TestSupport
import Testing

@Suite struct SeenIDsTests {
    /// The rule, plainly: a duplicate lies at most `window` seqs behind the kept one.
    @Test(arguments: 1...8 as ClosedRange<UInt64>, [1, 7, 50, 400, 3_000] as [UInt64])
    func `verdicts are those of a dictionary`(seed: UInt64, window: UInt64) {
        var rng = SeededRNG(seed)
        var seen = SeenIDs(window: window)
        var kept: [UInt64: UInt64] = [:]
        let names = UInt64.random(in: 2...6_000, using: &rng)
        var seq: UInt64 = 0
        for _ in 0..<20_000 {
            seq += rng.oneIn(5) ? UInt64.random(in: 1...9, using: &rng) : 1
            let name = UInt64.random(in: 1...names, using: &rng)
            // Few hashes, so that different names share one.
            let hash = name % 977 &* 0x9e37_79b9_7f4a_7c15
            let expected = kept[name].map { seq - $0 <= window } ?? false
            let verdict = seen.check(hash, seq: seq) { kept[name] == $0 }
            #expect(verdict == expected, "seed \(seed), window \(window), seq \(seq)")
            if verdict != expected { return }
            if !expected { kept[name] = seq }
        }
    }

    /// A slot holds a seq modulo two windows or more: who isn't swept in time would look young again.
    @Test(arguments: 1...6 as ClosedRange<UInt64>, [1, 30, 1_000, 20_000] as [UInt64])
    func `no entry comes back to life, however seqs jump`(seed: UInt64, window: UInt64) {
        var rng = SeededRNG(seed)
        var seen = SeenIDs(window: window)
        var noted: [UInt64: Set<UInt64>] = [:]
        var seq: UInt64 = 0
        for _ in 0..<20_000 {
            seq +=
                rng.oneIn(50)
                ? UInt64.random(in: 1...5, using: &rng) * (window / 3 + 1)
                : rng.oneIn(3) ? UInt64.random(in: 1...(window / 8 + 1), using: &rng) : 1
            let name = UInt64.random(in: 1...3_000, using: &rng)
            let isSeen = seen.check(name &* 0x9e37_79b9_7f4a_7c15, seq: seq) { claimed in
                let isNoted = noted[name]?.contains(claimed) ?? false
                #expect(isNoted && seq - claimed <= window, "seed \(seed), seq \(seq)")
                return rng.oneIn(2)
            }
            if !isSeen { noted[name, default: []].insert(seq) }
        }
        #expect(seen.count <= seen.capacity * 9 / 10 + 1)
    }

    @Test func `a rebuilt set gives the same verdicts`() {
        let window: UInt64 = 500
        var live = SeenIDs(window: window)
        var rng = SeededRNG(11)
        var kept: [UInt64: UInt64] = [:]
        for seq in 1...5_000 as ClosedRange<UInt64> {
            let name = UInt64.random(in: 1...2_000, using: &rng)
            if !live.check(name &* 0x1234_5678_9abc_def1, seq: seq, verify: { kept[name] == $0 }) {
                kept[name] = seq
            }
        }
        var rebuilt = SeenIDs(window: window)
        for (name, seq) in kept.sorted(by: { $0.value < $1.value }) where seq > 5_000 - window {
            withUnsafeBytes(of: name &* 0x1234_5678_9abc_def1) {
                rebuilt.note($0.bindMemory(to: UInt64.self), from: seq)
            }
        }
        for seq in 5_001...7_000 as ClosedRange<UInt64> {
            let name = UInt64.random(in: 1...2_000, using: &rng)
            let hash = name &* 0x1234_5678_9abc_def1
            let verdict = live.check(hash, seq: seq) { kept[name] == $0 }
            #expect(rebuilt.check(hash, seq: seq) { kept[name] == $0 } == verdict)
            if !verdict { kept[name] = seq }
        }
    }

    @Test func `memory follows the window, not the stream`() {
        let window: UInt64 = 10_000
        var seen = SeenIDs(window: window)
        var rng = SeededRNG(5)
        #expect(seen.byteCount < 16_384)
        for seq in 1...400_000 as ClosedRange<UInt64> {
            _ = seen.check(rng.next(), seq: seq) { _ in false }
        }
        #expect(seen.byteCount <= Int(Double(window) / 0.75 + 65) * 8)
        #expect(seen.count <= seen.capacity * 9 / 10 + 1)
    }

    @Test func `a start makes room once, for the ids of the window and not more`() {
        let window: UInt64 = 10_000
        var rng = SeededRNG(6)
        let words = (0..<10_000).map { $0 % 9 == 0 ? 0 : rng.next() }
        var seen = SeenIDs(window: window)
        seen.reserve(words.count, now: 0)
        let bytes = seen.byteCount
        words.withUnsafeBufferPointer { seen.note($0, from: 1) }
        #expect(seen.byteCount == bytes)
        #expect(bytes <= Int(Double(window) / 0.75 + 65) * 8)
        #expect(seen.count == words.filter { $0 != 0 }.count)
        for (at, word) in words.enumerated() where word != 0 {
            let isSeen = seen.check(word, seq: window + 1) { $0 == UInt64(at + 1) }
            #expect(isSeen)
        }
    }

    @Test func `few ids take little room, however large the window`() {
        var seen = SeenIDs(window: 20_000_000)
        seen.reserve(1_000, now: 0)
        #expect(seen.byteCount < 32_768)
    }

    @Test func `seqs beyond thirty-two bits are told apart`() {
        var seen = SeenIDs(window: 100)
        let start: UInt64 = (3 << 32) - 50
        #expect(!seen.check(7, seq: start) { _ in true })
        #expect(seen.check(7, seq: start + 100) { $0 == start })
        #expect(!seen.check(7, seq: start + 101) { _ in true })
        #expect(seen.check(7, seq: start + 201) { $0 == start + 101 })
    }

    @Test func `an error of the proof is passed on and changes nothing`() {
        struct Broken: Error {}
        var seen = SeenIDs(window: 100)
        _ = seen.check(7, seq: 1) { _ in true }
        #expect(throws: Broken.self) {
            try seen.check(7, seq: 2) { _ throws(Broken) in throw Broken() }
        }
        #expect(seen.check(7, seq: 2) { $0 == 1 })
        #expect(seen.count == 1)
    }
}
