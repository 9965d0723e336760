/// Finds the words of `AgentWords` in a user agent in one pass.
///
/// At each byte the two that follow choose a short list of words to compare with; a browser's
/// agent meets about one word a dozen bytes. Made once, read by all lanes.
struct AgentMatcher: Sendable {
    static let shared = AgentMatcher([
        (.imageProxy, AgentWords.imageProxy), (.scanner, AgentWords.scanner),
        (.linkPreview, AgentWords.preview), (.monitor, AgentWords.monitor),
        (.headless, AgentWords.headless), (.crawler, AgentWords.crawler),
        (.httpLibrary, AgentWords.library),
    ])

    /// No more of an agent is looked at.
    static let mostBytes = 1_024

    private struct Word {
        var bytes: [UInt8]
        var isFirst: Bool
        var isLast: Bool
        /// Position of its class: where several words fit, the lowest counts.
        var rank: Int
    }

    private let classes: [MachineReason]
    private let words: [Word]
    /// Words by a hash of their first two bytes.
    private let buckets: [[Int]]

    /// - Parameter lists: in the order in which they are to be believed. A word's `^` and `$` stand
    ///   for the agent's beginning and end.
    init(_ lists: [(MachineReason, [Substring])]) {
        classes = lists.map(\.0)
        var words: [Word] = []
        var buckets = [[Int]](repeating: [], count: 4_096)
        for (rank, list) in lists.enumerated() {
            for text in list.1 {
                let isFirst = text.hasPrefix("^")
                let isLast = text.hasSuffix("$")
                let bytes = Array(text.utf8.dropFirst(isFirst ? 1 : 0).dropLast(isLast ? 1 : 0))
                guard bytes.count >= 2 else { continue }
                buckets[Self.bucket(bytes[0], bytes[1])].append(words.count)
                words.append(Word(bytes: bytes, isFirst: isFirst, isLast: isLast, rank: rank))
            }
        }
        self.words = words
        self.buckets = buckets
    }

    /// The class of an agent's words; nil where it has none.
    func find(_ agent: [UInt8]) -> MachineReason? {
        let agent = agent.prefix(Self.mostBytes)
        var best = classes.count
        var i = 0
        while i + 1 < agent.count {
            for index in buckets[Self.bucket(agent[i], agent[i + 1])] {
                let word = words[index]
                guard word.rank < best, !word.isFirst || i == 0,
                    agent[i...].starts(with: word.bytes),
                    !word.isLast || i + word.bytes.count == agent.count
                else { continue }
                best = word.rank
            }
            i += 1
        }
        return best < classes.count ? classes[best] : nil
    }

    private static func bucket(_ a: UInt8, _ b: UInt8) -> Int {
        (Int(a) &* 31 &+ Int(b) &* 17) & 4_095
    }
}
