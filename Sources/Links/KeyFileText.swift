import Crypto

/// The key file's text: a line for each key, `ID MADE SECRET`, the newest last; `#` begins a remark.
package enum KeyFileText {
    package static let maximumKeys = 100
    package static let maximumBytes = 64 << 10

    /// Where the file isn't one; says nothing of what stands there.
    package struct Mistake: Error, Equatable, CustomStringConvertible {
        package let line: Int
        package let problem: String

        package init(line: Int, problem: String) {
            self.line = line
            self.problem = problem
        }

        package var description: String { "line \(line): \(problem)" }
    }

    package static func text(_ keys: [LinkKey]) -> String {
        let lines = keys.map { key in
            let secret = key.secret.withUnsafeBytes { Base64URL.encode(Array($0)) }
            return "\(key.name) \(key.made) \(secret)\n"
        }
        return "# Secret: who has a key can sign links. The last one signs, all of them verify.\n"
            + lines.joined()
    }

    package static func keys(_ text: String) throws(Mistake) -> [LinkKey] {
        var keys: [LinkKey] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (i, line) in lines.enumerated() {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard words.count == 3, first.utf8.count == 8, let id = UInt32(first, radix: 16),
                let secret = Base64URL.decode(words[2].utf8), secret.count == LinkKey.secretBytes
            else { throw Mistake(line: i + 1, problem: "not a key: ID MADE SECRET") }
            guard !keys.contains(where: { $0.id == id }) else {
                throw Mistake(line: i + 1, problem: "the same key id stands twice")
            }
            keys.append(
                LinkKey(id: id, made: String(words[1]), secret: SymmetricKey(data: secret)))
            guard keys.count <= maximumKeys else {
                throw Mistake(line: i + 1, problem: "more than \(maximumKeys) keys")
            }
        }
        return keys
    }
}
