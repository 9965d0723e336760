import Engagement
import Foundation
import Rollup
import TestSupport
import Testing

/// The independent fold in Python, where the shared tools are at hand.
enum Oracle {
    static let program = Repository.root.appendingPathComponent("../shared/tools/ledger_oracle.py")
        .path
    static let questions =
        Repository.root.appendingPathComponent("../shared/reference/relationship-metrics.md").path
    static let isHere = FileManager.default.fileExists(atPath: program)
    static let isRequired = ProcessInfo.processInfo.environment["CI"] == "true"

    struct Answer {
        var status: Int32
        var text: String
    }

    static func run(_ arguments: String..., output: String? = nil) throws -> Answer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", program] + arguments
        if let output {
            _ = FileManager.default.createFile(atPath: output, contents: nil)
            process.standardOutput = FileHandle(forWritingAtPath: output)
            try process.run()
            process.waitUntilExit()
            return Answer(status: process.terminationStatus, text: "")
        }
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Answer(
            status: process.terminationStatus, text: String(decoding: data, as: UTF8.self))
    }
}

@Suite(
    .enabled(
        if: Oracle.isHere || Oracle.isRequired, "the reference fold isn't beside this checkout"),
    .serialized)
struct OracleTests {
    @Test(arguments: [
        (1, 300, 20_000, 20_000_000), (2, 300, 20_000, 20_000_000), (3, 40, 5_000, 400),
        (4, 2_000, 20_000, 3_000),
    ])
    func `a mixed stream in any cut folds as the reference folds it`(
        seed: Int, customers: Int, events: Int, window: Int
    ) throws {
        let folder = NSTemporaryDirectory() + "engaged-oracle-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = folder + "/log.ndjson"
        #expect(
            try Oracle.run(
                "generate", "--customers", "\(customers)", "--events", "\(events)", "--seed",
                "\(seed)", output: log
            ).status == 0)
        let ledger = try fold(log, UInt64(seed), UInt64(window))
        #expect(
            try Oracle.run("fold", log, "--db", folder + "/his.db", "--window", "\(window)").status
                == 0)
        let answer = try Oracle.run(
            "diff", folder + "/his.db", ledger.path, "--ignore", "dedupe", "--ignore", "rejected",
            "--ignore", "grdb_migrations")
        #expect(answer.text == "identical\n", "seed \(seed)")
        if customers >= 300 {
            let asked = try Oracle.run("questions", Oracle.questions, "--db", ledger.path)
            #expect(asked.status == 0, "\(asked.text)")
        }
    }

    @Test func `an erased log folds as the log with its erasures`() throws {
        let folder = NSTemporaryDirectory() + "engaged-oracle-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = folder + "/log.ndjson"
        _ = try Oracle.run(
            "generate", "--customers", "60", "--events", "6000", "--seed", "5", output: log)
        _ = try Oracle.run("redact", log, output: folder + "/redacted.ndjson")
        let whole = try fold(log, 1, 20_000_000)
        let redacted = try fold(folder + "/redacted.ndjson", 2, 20_000_000)
        let answer = try Oracle.run(
            "diff", whole.path, redacted.path, "--ignore", "rejected",
            "--ignore", "grdb_migrations")
        #expect(answer.text == "identical\n")
    }

    private func fold(_ log: String, _ seed: UInt64, _ window: UInt64) throws -> TemporaryLedger {
        var rng = SeededRNG(seed)
        let ledger = try TemporaryLedger(window: window)
        let text = [UInt8](try Data(contentsOf: URL(fileURLWithPath: log)))
        for batch in EventLines().batches(text, cut: { _ in rng.oneIn(150) }) {
            try ledger.take(batch)
            if rng.oneIn(10) { try ledger.folder.flush() }
            if rng.oneIn(40) { try ledger.restart(closing: rng.oneIn(2)) }
        }
        try ledger.folder.flush()
        return ledger
    }
}
