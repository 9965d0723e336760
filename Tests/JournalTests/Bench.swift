import Engagement
import Foundation
import Journal
import Synchronization
import TestSupport
import Testing

/// A data directory of its own, removed at the end.
final class Bench: @unchecked Sendable {
    let root: String
    init() {
        root = NSTemporaryDirectory() + "engaged-journal-\(UUID().uuidString)"
    }
    deinit { try? FileManager.default.removeItem(atPath: root) }

    var segments: String { root + "/segments" }

    /// Every file below with its bytes.
    func files(_ folder: String) -> [String: [UInt8]] {
        let path = root + "/" + folder
        var out: [String: [UInt8]] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            out[name] = [UInt8](FileManager.default.contents(atPath: path + "/" + name) ?? Data())
        }
        return out
    }

    /// What was set aside, without the notes on it.
    var quarantined: [String: [UInt8]] {
        files("quarantine").filter { !$0.key.hasSuffix(".note") }
    }

    func write(_ bytes: [UInt8], _ path: String) {
        let full = root + "/" + path
        try? FileManager.default.createDirectory(
            atPath: (full as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: full, contents: Data(bytes))
    }

    /// Copies the segments of a fixture into `segments/`.
    func take(_ fixture: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: fixture) {
            let bytes = [UInt8](FileManager.default.contents(atPath: fixture + "/" + name)!)
            write(bytes, "segments/" + name)
        }
    }

    static let identity = NodeIdentity(
        node: 0x0123_4567_89ab_cdef, epoch: 0, salt: [UInt8](repeating: 7, count: 32))

    /// Limits that make files without a ballast and never call the disk full.
    static var limits: JournalLimits {
        var limits = JournalLimits()
        limits.ballastBytes = 0
        limits.lowWaterBytes = 0
        return limits
    }
}

/// Where the repository's own fixtures, and the vectors shared beside it, lie.
enum Fixtures {
    static let root = Repository.root.path
    static let segments = root + "/Tests/Fixtures/segments"
    static let sharedVectors = root + "/../shared/vectors/segment-v1"
    static let verifier = root + "/../shared/tools/segments.py"
}

func event(_ id: String, extra: String = "") -> String {
    "{\"type\":\"page_view\",\"id\":\"\(id)\",\"site\":\"shop\",\"customer\":\"c-ann\"\(extra)}"
}

/// Runs a journal and keeps what it says.
final class Keeper: Sendable {
    struct Record: Sendable {
        var durable: [(firstSeq: UInt64, lines: Int)] = []
        var settled: [(firstSeq: UInt64, isDurable: Bool)] = []
        var notices: [String] = []
        var fatal: [FileError] = []
        var reliefs = 0
    }
    let record = Mutex(Record())

    func open(
        _ bench: Bench, _ fileSystem: any FileSystem = PosixFileSystem(),
        clock: any Clock = SystemClock(), limits: JournalLimits = Bench.limits
    ) throws -> Journal {
        try Journal.open(
            directory: bench.root, fileSystem: fileSystem, clock: clock, limits: limits,
            notice: { notice in self.record.withLock { $0.notices.append("\(notice)") } },
            makeIdentity: { Bench.identity })
    }

    func start(_ journal: Journal) throws {
        try journal.start(
            onDurable: { batch in
                let entry = (batch.firstSeq, batch.lineCount)
                self.record.withLock { $0.durable.append(entry) }
            }, onRelief: { self.record.withLock { $0.reliefs += 1 } },
            onFatal: { error in self.record.withLock { $0.fatal.append(error) } })
    }

    func submit(_ journal: Journal, _ batch: Batch) {
        batch.settled = { batch, isDurable in
            let entry = (batch.firstSeq, isDurable)
            self.record.withLock { $0.settled.append(entry) }
        }
        journal.submit(batch)
    }

    /// Opens, writes the batches one after the other, and stops.
    static func write(
        _ bench: Bench, _ batches: [Batch], fileSystem: any FileSystem = PosixFileSystem(),
        clock: any Clock = SystemClock(), limits: JournalLimits = Bench.limits
    ) throws -> Keeper {
        let keeper = Keeper()
        let journal = try keeper.open(bench, fileSystem, clock: clock, limits: limits)
        try keeper.start(journal)
        for batch in batches {
            keeper.submit(journal, batch)
            keeper.waitUntilQuiet(journal)
        }
        journal.stop()
        return keeper
    }

    /// Until nothing is queued: for tests that want one member for each batch.
    func waitUntilQuiet(_ journal: Journal) {
        while journal.statistics().queuedBatches > 0 { usleep(200) }
    }
}

/// What the independent reader says, or nil where it isn't there.
func independentVerdict(_ directory: String, clean: Bool = true) throws -> (Int32, String)? {
    guard FileManager.default.fileExists(atPath: Fixtures.verifier) else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
        ["python3", Fixtures.verifier, "verify", directory] + (clean ? ["--clean"] : [])
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
}
