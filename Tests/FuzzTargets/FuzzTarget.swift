package import TestSupport

/// A parser that faces outside, with what must hold of it for any bytes.
///
/// For what can't be built with the compiler's fuzzer, as it stands on packages: inputs are mutations of
/// seeds, each made from the run's seed and its own number alone, so that one is repeated by these two.
package protocol FuzzTarget: AnyObject {
    /// Words of the format, to be put in anywhere.
    var words: [String] { get }
    /// Beside the corpus: what can't be written into a file beforehand.
    var seeds: [[UInt8]] { get }
    /// Traps when what must hold doesn't.
    func take(_ input: [UInt8], _ random: inout SeededRNG)
}

extension FuzzTarget {
    package var seeds: [[UInt8]] { [] }
}

package enum FuzzTargets {
    package static let names = ["http", "framing", "gzip", "tcp", "token", "config"]

    /// - Throws: when the corpus can't be read.
    package static func target(_ name: String) throws -> (any FuzzTarget)? {
        switch name {
        case "http": ConnectionTarget(.asItCame)
        case "tcp": ConnectionTarget(.behindHello)
        case "gzip": ConnectionTarget(.asGzipBody)
        case "token": try TokenTarget()
        case "config": ConfigTarget()
        case "framing": FramingTarget()
        default: nil
        }
    }

    /// The files of Tests/Fixtures/fuzz/NAME. Requests are framed as those of `http` are.
    package static func corpus(_ name: String) throws -> [[UInt8]] {
        try Repository.fixtures("fuzz/\(name == "framing" ? "http" : name)").map(\.bytes)
    }

    /// The input of that number. Seeds themselves come first.
    package static func input(
        _ number: UInt64, seed: UInt64, corpus: [[UInt8]], words: [String]
    ) -> (bytes: [UInt8], random: SeededRNG) {
        var random = SeededRNG(seed ^ (number &* 0x9e37_79b9_7f4a_7c15))
        if number < corpus.count { return (corpus[Int(number)], random) }
        let bytes = Mutator(corpus: corpus, words: words).mutant(&random)
        return (bytes, random)
    }
}
