import Foundation
import Journal
import Testing

/// No bytes make a reader trap, and what it accepts of a damaged file was in the whole one.
@Suite struct SegmentFuzzTests {
    private struct SplitMix64: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    static let corpus: [[UInt8]] = {
        let root = Fixtures.segments
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
        return names.filter { $0.hasSuffix(".gz") }.sorted().compactMap {
            FileManager.default.contents(atPath: root + "/" + $0).map { [UInt8]($0) }
        }
    }()

    private func scan(_ bytes: [UInt8]) -> SegmentScan {
        bytes.withUnsafeBytes {
            fuzzSegment($0)
            return SegmentScan(
                SegmentBytes(memory: $0), name: SegmentFormat.fileName(firstSeq: 1),
                reader: MemberReader())
        }
    }

    @Test(arguments: [UInt64](1...20)) func `damaged files are judged, not trusted`(
        _ seed: UInt64
    ) {
        var random = SplitMix64(state: seed)
        for original in Self.corpus {
            let good = scan(original)
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<max(bytes.count, 1), using: &random)
                guard at < bytes.count else { continue }
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 2:
                    bytes.removeSubrange(
                        at..<min(bytes.count, at + Int.random(in: 1...300, using: &random)))
                case 3: bytes.insert(contentsOf: bytes[..<min(at, 200)], at: at)
                default: bytes.removeLast(bytes.count - at)
                }
            }
            let found = scan(bytes)
            // Every member that is accepted is one of the whole file's, header and all.
            let known = good.members.map(\.header)
            #expect(found.members.allSatisfy { known.contains($0.header) }, "seed \(seed)")
        }
    }

    @Test(arguments: [UInt64](1...5)) func `a bit flipped anywhere is seen`(_ seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        let bytes = try #require(
            FileManager.default.contents(
                atPath: Fixtures.segments + "/control/seg-00000000000000000001.ndjson.gz")
        )
        for _ in 0..<200 {
            var flipped = [UInt8](bytes)
            let at = Int.random(in: flipped.indices, using: &random)
            flipped[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let found = scan(flipped)
            #expect(!found.faults.isEmpty || found.torn != nil, "seed \(seed), byte \(at)")
        }
    }

    @Test func `random bytes hold nothing`() {
        var random = SplitMix64(state: 99)
        for count in [0, 1, 97, 98, 1_000, 100_000] {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(scan(bytes).members.isEmpty)
            #expect(scan(SegmentFormat.magic + bytes).members.isEmpty)
        }
    }
}
