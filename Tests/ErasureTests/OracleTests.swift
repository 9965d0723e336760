import Engagement
import Erasure
import Foundation
import Journal
import TestSupport
import Testing

/// The independent fold in Python, where the shared tools are at hand.
private enum Oracle {
    static let program = Repository.root.appendingPathComponent("../shared/tools/ledger_oracle.py")
        .path
    static let isHere = FileManager.default.fileExists(atPath: program)
    static let isRequired = ProcessInfo.processInfo.environment["CI"] == "true"

    /// What it prints.
    static func run(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}

@Suite(
    .enabled(
        if: Oracle.isHere || Oracle.isRequired, "the reference fold isn't beside this checkout"),
    .serialized)
struct OracleTests {
    private let folder: String
    init() throws {
        folder = NSTemporaryDirectory() + "engaged-erasure-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    private func remove() { try? FileManager.default.removeItem(atPath: folder) }

    private func store(_ lines: [String], _ name: String) throws -> String {
        let path = folder + "/" + name
        let text = lines.map { $0 + "\n" }.joined()
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// A generated stream with more answers than it has, journalled into some ten segments.
    ///
    /// - Parameter isPlain: without what the reference folds but doesn't redact as it should: answers
    ///   that were sent again, and answers that name somebody who stays.
    private func log(seed: Int, isPlain: Bool) throws -> Rig {
        var rng = SeededRNG(UInt64(seed))
        let text = try Oracle.run(
            "generate", "--customers", "30", "--events", "1200", "--seed", "\(seed)", "--raw")
        var answers: Set<Substring> = []
        // Lines that the door would refuse have other ids.
        let lines = text.split(separator: "\n").filter { line in
            guard line.contains("\"id\":\"e") else { return false }
            let isAnswer = line.contains("\"forget\"") || line.contains("\"tracking\"")
            return !isAnswer || !isPlain || answers.insert(line).inserted
        }.map(String.init)
        let rig = Rig(seed: UInt64(seed))
        var groups: [[[String]]] = [[[]]]
        for (i, line) in lines.enumerated() {
            if rng.oneIn(40) {
                let type = ["forget", "permission_withdrawn", "permission_granted"]
                    .randomElement(using: &rng)!
                let c = Int.random(in: 0..<30, using: &rng)
                let v = isPlain ? c : Int.random(in: 0..<30, using: &rng)
                groups[groups.count - 1][groups[groups.count - 1].count - 1].append(
                    #"{"type":"\#(type)","id":"x\#(i)","site":"shop","customer":"k\#(c)","#
                        + #""visitor":"d\#(v)","purpose":"tracking"}"#)
            }
            if rng.oneIn(120) { groups.append([[]]) }
            if rng.oneIn(40) { groups[groups.count - 1].append([]) }
            groups[groups.count - 1][groups[groups.count - 1].count - 1].append(line)
        }
        try rig.write(groups.map { $0.filter { !$0.isEmpty } })
        return rig
    }

    @Test(arguments: [5, 6])
    func `a log is redacted line by line as the reference redacts it`(seed: Int) throws {
        defer { remove() }
        let rig = try log(seed: seed, isPlain: true)
        let before = try rig.lines
        let model = PlainRedaction(try before.map(PlainRedaction.parse))
        #expect(model.forgotten.count > 5)
        let after = try rig.erased(
            model.forgotten.map { ErasedSubject(subject: $0.key, seq: UInt64($0.value)) })
        let redacted = try Oracle.run("redact", store(before, "log")).split(separator: "\n")
        #expect(after.count == redacted.count)
        var changed = 0
        for (i, expected) in redacted.enumerated() {
            let expected = try PlainRedaction.parse(String(expected))
            #expect(try PlainRedaction.parse(after[i]) == expected, "seed \(seed): \(before[i])")
            if after[i] != before[i] { changed += 1 }
        }
        #expect(changed > 20)
    }

    @Test(arguments: [5, 7])
    func `the erased log folds as the log with its erasures`(seed: Int) throws {
        defer { remove() }
        let rig = try log(seed: seed, isPlain: false)
        let before = try rig.lines
        let model = PlainRedaction(try before.map(PlainRedaction.parse))
        let after = try rig.erased(
            model.forgotten.map { ErasedSubject(subject: $0.key, seq: UInt64($0.value)) })
        #expect(after != before)
        _ = try Oracle.run("fold", store(before, "log"), "--db", folder + "/a.db")
        _ = try Oracle.run("fold", store(after, "erased"), "--db", folder + "/b.db")
        let answer = try Oracle.run("diff", folder + "/a.db", folder + "/b.db")
        #expect(answer == "identical\n", "seed \(seed)")
    }
}
