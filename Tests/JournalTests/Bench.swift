import ByteScan
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

/// A batch of client lines, as a lane would fill it: JSON objects, each with a type and a site.
func batch(_ objects: [String], via: Batch.Via = .tcp, prefix: String = "") -> Batch {
    let batch = Batch()
    let scanner = JSONScanner(keys: Field.allCases.map { ($0.key, $0.rawValue) })
    let types = EventTypeTable.shared
    let base = batch.bytes.assumingMemoryBound(to: UInt8.self)
    for object in objects {
        let start = batch.byteCount
        for byte in object.utf8 {
            base[batch.byteCount] = byte
            batch.byteCount += 1
        }
        let words = batch.words + batch.wordCount
        let scan = scanner.scan(
            base, from: start, limit: batch.byteCount, offsetDelta: 0, into: words)
        precondition(scan.outcome == .object)
        var traits: Batch.Traits = scan.saw(Field.id.rawValue) ? [] : .madeID
        var type = EventType.custom
        var claimed = Batch.noTime
        for word in (0..<scan.wordCount).map({ FieldWord(bits: words[$0]) }) {
            let text = base + word.offset
            if word.id == Field.type.rawValue { type = types.find(text, word.length)! }
            if word.id == Field.time.rawValue {
                claimed = parseTimestamp(text, word.length) ?? claimed
            }
            if word.id == Field.redacted.rawValue { traits.insert(.redacted) }
        }
        let prefixOffset = batch.byteCount
        for byte in prefix.utf8 {
            base[batch.byteCount] = byte
            batch.byteCount += 1
        }
        batch.lines[batch.lineCount] = Batch.Line(
            offset: scan.open + 1, length: scan.close - scan.open, prefixOffset: prefixOffset,
            prefixLength: prefix.utf8.count, firstWord: batch.wordCount, wordCount: scan.wordCount,
            type: type, via: via, traits: traits, claimedMilliseconds: claimed)
        batch.wordCount += scan.wordCount
        batch.lineCount += 1
        batch.storedBytes += object.utf8.count + prefix.utf8.count + 100
    }
    return batch
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
