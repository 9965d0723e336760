import Engagement
import Erasure
import Foundation
import Journal
import TestSupport
import Testing

/// Random logs, each through the journal and the real erasure, against the plain one.
@Suite struct PropertyTests {
    @Test(arguments: 1...30)
    func `a random log is erased as the plain model says`(seed: Int) throws {
        var rng = SeededRNG(UInt64(seed))
        let rig = Rig(seed: UInt64(seed))
        var writer = LineWriter()
        try rig.write(
            (0..<Int.random(in: 1...4, using: &rng)).map { _ in
                (0..<Int.random(in: 1...4, using: &rng)).map { _ in
                    (0..<Int.random(in: 1...25, using: &rng)).map { _ in writer.line(&rng) }
                }
            })
        let before = try rig.lines
        let parsed = try before.map(PlainRedaction.parse)
        let model = PlainRedaction(parsed)
        let subjects = model.forgotten.map {
            ErasedSubject(subject: $0.key, seq: UInt64($0.value))
        }
        let after = try rig.erased(subjects)
        #expect(after.count == before.count)
        for i in before.indices {
            let expected = model.redact(parsed[i])
            let found = try PlainRedaction.parse(after[i])
            #expect(found == expected, "seed \(seed), seq \(i + 1): \(before[i])")
            if expected == parsed[i] { #expect(after[i] == before[i], "seed \(seed)") }
        }
    }
}

/// Makes lines in which few people meet often, written in every way that JSON allows.
private struct LineWriter {
    private static let people = ["ann", "ann\"a", "a\\nn", "zoë", "日本", "😀", "an", "1"]
    private var number = 0
    private var sent: [String] = []

    mutating func line(_ rng: inout SeededRNG) -> String {
        if let again = sent.randomElement(using: &rng), rng.oneIn(15) { return again }
        number += 1
        let types = [
            "click", "page_view", "identify", "alias", "referral", "order", "contact", "profile",
            "permission_granted", "permission_withdrawn", "forget", "custom",
        ]
        let type = types.randomElement(using: &rng)!
        var fields: [(String, String)] = [
            ("type", "\"\(type)\""), ("id", "\"e\(number)\""),
            ("site", quoted(rng.oneIn(4) ? "blog" : "shop", &rng)),
        ]
        for key in ["customer", "visitor", "into", "referred"] where rng.oneIn(2) {
            fields.append((key, quoted(Self.people.randomElement(using: &rng)!, &rng)))
        }
        if rng.oneIn(2) { fields.append(("purpose", "\"tracking\"")) }
        let others = [
            ("amount", "12"), ("currency", "\"EUR\""), ("content", quoted("ann \"x\"", &rng)),
            ("url", quoted("/u?c=ann", &rng)), ("unknown", "{\"customer\":\"ann\",\"l\":[\"an\"]}"),
            ("target", "null"), ("email", "\"\""), ("hard", "true"), ("case", "\"ann\""),
        ]
        for other in others where rng.oneIn(3) { fields.append(other) }
        fields.shuffle(using: &rng)
        let text = fields.map { key, value in
            blank(&rng) + spelled(key, &rng) + blank(&rng) + ":" + blank(&rng) + value + blank(&rng)
        }
        sent.append("{" + text.joined(separator: ",") + "}")
        return sent[sent.count - 1]
    }

    private func blank(_ rng: inout SeededRNG) -> String { rng.oneIn(5) ? " " : "" }

    private func spelled(_ key: String, _ rng: inout SeededRNG) -> String {
        rng.oneIn(8) ? quoted(key, &rng) : "\"\(key)\""
    }

    private func quoted(_ text: String, _ rng: inout SeededRNG) -> String {
        var out = "\""
        let escapes = rng.oneIn(3)
        for scalar in text.unicodeScalars {
            if escapes, rng.oneIn(2) {
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16, uppercase: rng.oneIn(2))
                    out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            } else if scalar == "\"" || scalar == "\\" || (scalar == "/" && rng.oneIn(2)) {
                out += "\\" + String(scalar)
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
