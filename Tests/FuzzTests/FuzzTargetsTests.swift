import FuzzTargets
import TestSupport
import Testing

/// What `deploy/fuzz` runs a million times over, some thousand times.
@Suite(.serialized) struct FuzzTargetsTests {
    /// Of each target; a connection is made twice for each, so few of those.
    private static let counts: [String: UInt64] = [
        "token": 2_000, "framing": 10_000, "config": 150,
    ]

    @Test(arguments: FuzzTargets.names)
    func `what must hold for any bytes holds for the corpus and for changes to it`(
        _ name: String
    ) throws {
        let seed = UInt64.random(in: .min ... .max)
        print("deploy/fuzz \(name), seed \(seed)")
        let target = try #require(try FuzzTargets.target(name))
        let corpus = try FuzzTargets.corpus(name) + target.seeds
        #expect(corpus.count >= 5, "a corpus")
        for number in 0..<(Self.counts[name] ?? 250) {
            var (bytes, random) = FuzzTargets.input(
                number, seed: seed, corpus: corpus, words: target.words)
            target.take(bytes, &random)
        }
    }

    @Test func `an input is known by the seed and its number`() throws {
        let corpus = try FuzzTargets.corpus("http")
        for number: UInt64 in [3, 77, 1_000] {
            let inputs = (0..<2).map { _ in
                FuzzTargets.input(number, seed: 42, corpus: corpus, words: ["x"]).bytes
            }
            #expect(inputs[0] == inputs[1])
        }
    }
}
