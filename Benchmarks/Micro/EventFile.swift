import Engagement
import Foundation
import TestSupport

/// The first events of the file that `$ENGAGED_BENCHMARK_EVENTS` names, as text and as batches that
/// a lane would hand on. One line less counts for nothing here: the file has many more.
final class EventFile: @unchecked Sendable {
    static let shared = EventFile(lineCount: 20_000)

    let text: [UInt8]
    let batches: [Batch]
    let lineCount: Int

    private init(lineCount: Int) {
        guard let path = ProcessInfo.processInfo.environment["ENGAGED_BENCHMARK_EVENTS"],
            let file = FileHandle(forReadingAtPath: path),
            let head = try? file.read(upToCount: lineCount * 400)
        else { fatalError("ENGAGED_BENCHMARK_EVENTS must name a file of events") }
        let lines = head.split(separator: UInt8(ascii: "\n")).dropLast().prefix(lineCount)
        text = Array(lines.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
        self.lineCount = lines.count
        let received = Int64(Date().timeIntervalSince1970 * 1000)
        var made: [Batch] = []
        var rest = lines.map { String(decoding: $0, as: UTF8.self) }[...]
        while !rest.isEmpty {
            let one = batch(Array(rest.prefix(800)))
            for i in 0..<one.lineCount { one.lines[i].receivedMilliseconds = received }
            made.append(one)
            rest = rest.dropFirst(800)
        }
        batches = made
    }

    /// Numbers the batches' lines from `first` on.
    func number(from first: UInt64) {
        var next = first
        for batch in batches {
            batch.firstSeq = next
            next += UInt64(batch.lineCount)
        }
    }
}
