import Engagement
import Foundation
import Ledger
import Rollup
import TestSupport

extension MemoryLog: DurableLog {}

/// A ledger made of a few lines, and those lines as records.
final class KnownPeople {
    let reader: LedgerReader
    private let ledger: Ledger
    private let path: String
    private let batches: [Batch]

    /// - Parameter lines: fields behind seq, received, via, id and site.
    init(_ lines: String...) throws {
        path = NSTemporaryDirectory() + "engaged-customers-\(UUID().uuidString).sqlite"
        ledger = try Ledger.open(path)
        let log = MemoryLog()
        let folder = try Folder(log: log, store: ledger, idKey: HashKey(a: 1, b: 2), window: 100)
        var text = ""
        for (i, fields) in lines.enumerated() {
            text +=
                #"{"seq":\#(i + 1),"received":"2026-11-21T12:00:00.000Z","via":"tcp","id":"e\#(i + 1)","site":"shop",\#(fields)}"#
                + "\n"
        }
        batches = EventLines().batches(Array(text.utf8), cut: { _ in false })
        for batch in batches {
            for i in 0..<batch.lineCount { Self.leaveServerFields(&batch.lines[i], batch) }
            log.append(batch)
            try folder.take(batch)
        }
        try folder.flush()
        reader = try LedgerReader(path)
    }

    deinit {
        try? ledger.close()
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    /// As the journal's reader gives a line: from the sender's first field on.
    private static func leaveServerFields(_ line: inout Batch.Line, _ batch: Batch) {
        let text = UnsafeRawBufferPointer(
            start: batch.bytes + Int(line.offset), count: Int(line.length))
        let front = Array(#""via":"tcp","#.utf8)
        for at in 0..<max(0, text.count - front.count)
        where text[at..<(at + front.count)].elementsEqual(front) {
            line.offset += UInt32(at + front.count)
            line.length -= UInt32(at + front.count)
            return
        }
    }

    func each(_ body: (Record) throws -> Void) throws {
        for batch in batches {
            for i in 0..<batch.lineCount { try body(Record(batch: batch, index: i)) }
        }
    }
}
