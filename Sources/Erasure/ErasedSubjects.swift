import Glibc
import Journal

/// Somebody who asked to be forgotten.
package struct ErasedSubject: Equatable, Sendable {
    /// `c/<customer>` or `v/<site>/<visitor>`, as the ledger names them.
    package var subject: String
    /// Her last `forget`: lines up to it are hers, later ones are a new person's.
    package var seq: UInt64
    /// Only the line `seq` is: a `forget` that was sent again, and so forgot nothing.
    package var isAlone: Bool

    package init(subject: String, seq: UInt64, isAlone: Bool = false) {
        self.subject = subject
        self.seq = seq
        self.isAlone = isAlone
    }
}

/// Those who are to be erased together, looked up by the bytes of their names.
package struct ErasedSubjects: Sendable {
    /// Above so many names one parse of each line is cheaper than a search for each name.
    private static let markLimit = 16

    private let seqs: [[UInt8]: UInt64]
    /// Single lines beyond.
    private let alone: [[UInt8]: Set<UInt64>]
    /// Her ids as they stand in a line without escapes, in their quotes; empty: there are too many.
    private let marks: [[UInt8]]
    /// The highest seq that concerns anybody.
    package let lastSeq: UInt64

    package init(_ subjects: [ErasedSubject]) {
        let named = subjects.map { (Array($0.subject.utf8), $0.isAlone ? 0 : $0.seq) }
        seqs = Dictionary(named, uniquingKeysWith: max)
        alone = Dictionary(
            subjects.filter(\.isAlone).map { (Array($0.subject.utf8), [$0.seq]) },
            uniquingKeysWith: { $0.union($1) })
        lastSeq = subjects.map(\.seq).max() ?? 0
        let ids = Set(seqs.keys.compactMap(Self.id))
        let quote = UInt8(ascii: "\"")
        marks = ids.count > Self.markLimit ? [] : ids.map { [quote] + $0 + [quote] }
    }

    /// The id in a subject's name.
    private static func id(_ subject: [UInt8]) -> [UInt8]? {
        let slashes = subject.first == UInt8(ascii: "v") ? 2 : 1
        let parts = subject.split(
            separator: UInt8(ascii: "/"), maxSplits: slashes, omittingEmptySubsequences: false)
        return parts.count == slashes + 1 ? Array(parts[slashes]) : nil
    }

    /// Whether a line with this seq that names the subject is to be reduced.
    func holds(_ subject: [UInt8]?, at seq: UInt64) -> Bool {
        guard let subject, let last = seqs[subject] else { return false }
        return seq <= last || alone[subject]?.contains(seq) ?? false
    }

    /// Whether these lines may name one of them: a look that reads no line. A text with escapes may
    /// spell an id in many ways.
    func mayBeNamed(in text: UnsafeRawBufferPointer) -> Bool {
        guard !seqs.isEmpty, let base = text.baseAddress else { return false }
        if marks.isEmpty || memchr(base, Int32(UInt8(ascii: "\\")), text.count) != nil {
            return true
        }
        return marks.contains { find($0, in: text) != nil }
    }
}
