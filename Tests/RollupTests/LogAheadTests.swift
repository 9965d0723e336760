import Engagement
import Foundation
import Journal
import Rollup
import TestSupport
import Testing

/// Reading ahead gives what reading gives.
@Suite struct LogAheadTests {
    struct Enough: Error {}

    /// Segments of one line each, many more than are read ahead; removed at the end.
    private final class Files {
        let root = NSTemporaryDirectory() + "engaged-ahead-\(UUID().uuidString)"
        var segments: String { root + "/segments" }
        private(set) var names: [String] = []

        init(_ count: Int) throws {
            var limits = JournalLimits()
            limits.ballastBytes = 0
            limits.lowWaterBytes = 0
            limits.segmentBytes = 1
            let journal = try Journal.open(directory: root, limits: limits, notice: { _ in })
            try journal.start(
                onOwnThread: false, onDurable: { _ in }, onRelief: {}, onFatal: { _ in })
            for number in 0..<count {
                journal.submit(batch([#"{"type":"click","id":"e\#(number)","site":"s"}"#]))
                journal.turn()
            }
            journal.stop()
            names = try FileManager.default.contentsOfDirectory(atPath: segments).sorted()
        }

        deinit { try? FileManager.default.removeItem(atPath: root) }

        var plain: JournalLog { JournalLog(self.reader(), durable: { 40 }) }
        var ahead: LogAhead { LogAhead(self.reader(), durable: { 40 }) }

        private func reader() -> DurableReader { DurableReader(segments: segments) }

        func change(_ number: Int, _ body: (inout Data) -> Void) throws {
            let file = URL(fileURLWithPath: segments + "/" + names[number])
            var bytes = try Data(contentsOf: file)
            body(&bytes)
            try bytes.write(to: file)
        }

        /// Can be opened, but not read.
        func makeFolder(_ number: Int) throws {
            let file = segments + "/" + names[number]
            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.createDirectory(
                atPath: file, withIntermediateDirectories: false)
        }
    }

    private func lines(_ log: any DurableLog, _ from: UInt64, _ through: UInt64) throws -> [String]
    {
        var lines: [String] = []
        try log.read(from: from, through: through) { batch in
            for i in 0..<batch.lineCount {
                let line = batch.lines[i]
                let bytes = UnsafeRawBufferPointer(
                    start: batch.bytes + Int(line.offset), count: Int(line.length))
                lines.append("\(batch.firstSeq) \(i) \(String(decoding: bytes, as: UTF8.self))")
            }
        }
        return lines
    }

    @Test(arguments: [(1, 40), (1, 1), (17, 39), (40, 40), (41, 50), (5, 4)] as [(UInt64, UInt64)])
    func `the same lines in the same order`(_ from: UInt64, _ through: UInt64) throws {
        let files = try Files(40)
        let (plain, ahead) = (files.plain, files.ahead)
        let wanted = try lines(plain, from, through)
        #expect(wanted.count == max(0, Int(min(40, through)) - Int(from) + 1))
        for _ in 0..<3 { #expect(try lines(ahead, from, through) == wanted) }
        #expect(try ahead.first == 1 && ahead.watermark == 40)
    }

    @Test func `whoever folds may stop at any line, and begin again`() throws {
        let log = try Files(40).ahead
        for last in 1...40 as ClosedRange<UInt64> {
            var seen: [UInt64] = []
            #expect(throws: Enough.self) {
                try log.read(from: 1, through: 40) {
                    seen.append($0.firstSeq)
                    if $0.firstSeq == last { throw Enough() }
                }
            }
            #expect(seen == Array(1...last))
            #expect(try lines(log, last, 40).count == 41 - Int(last))
        }
    }

    /// Files opened by the time that the first line is being folded, once there are so many.
    private func opened(
        _ files: Files, atLeast least: Int = 0, _ log: (DurableReader) -> any DurableLog
    ) throws -> Int {
        let disk = FaultyFileSystem(only: files.segments)
        var opened = 0
        try log(DurableReader(segments: files.segments, fileSystem: disk))
            .read(from: 1, through: 40) { batch in
                guard batch.firstSeq == 1 else { return }
                let began = Date()
                while disk.count("open") < least, Date().timeIntervalSince(began) < 60 {
                    usleep(1_000)
                }
                usleep(100_000)
                opened = disk.count("open")
            }
        return opened
    }

    @Test func `while a line is folded the next three are read, and no more`() throws {
        let files = try Files(40)
        let first = try opened(files) { JournalLog($0, durable: { 40 }) }
        let ahead = try opened(files, atLeast: first + 4) { LogAhead($0, durable: { 40 }) }
        // The fifth is opened before it has to wait for a batch.
        #expect(ahead == first + 4)
    }

    @Test func `older lines can be looked up from within`() throws {
        let log = try Files(40).ahead
        var found = 0
        try log.read(from: 20, through: 40) { _ in found += try lines(log, 1, 7).count }
        #expect(found == 21 * 7)
    }

    @Test func `damaged members are passed over, however many`() throws {
        let files = try Files(40)
        for number in 5..<30 { try files.change(number) { $0[$0.count / 2] ^= 0x55 } }
        let plain = try lines(files.plain, 1, 40)
        #expect((1..<40).contains(plain.count))
        #expect(try lines(files.ahead, 1, 40) == plain)
    }

    @Test func `what a disk refuses is told behind the lines before it`() throws {
        let files = try Files(40)
        try files.makeFolder(9)
        var count = 0
        #expect(throws: FileError.self) {
            try files.ahead.read(from: 1, through: 40) { _ in count += 1 }
        }
        #expect(count == 9)
    }
}
