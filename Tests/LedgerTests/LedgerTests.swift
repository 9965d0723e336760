import Engagement
import Foundation
import GRDB
import Ledger
import Rollup
import Synchronization
import TestSupport
import Testing

@Suite struct LedgerTests {
    @Test func `two halves are the whole`() throws {
        let whole = try TemporaryLedger(window: GoldenTests.window)
        let halves = try TemporaryLedger(window: GoldenTests.window)
        let batches = EventLines().batches(try GoldenTests.log()) { $0 == 20 }
        for (i, batch) in batches.enumerated() {
            try whole.take(batch)
            try halves.take(batch)
            if i == batches.count / 2 { try halves.folder.flush() }
        }
        try whole.folder.flush()
        try halves.folder.flush()
        #expect(try whole.dump() == halves.dump())
    }

    @Test func `many rows of a table take the same way as few`() throws {
        let many = try TemporaryLedger()
        let few = try TemporaryLedger()
        var text = ""
        for seq in 1...1_500 {
            let type =
                seq % 40 == 0
                ? #""lead","source":"x""# : seq % 3 == 0 ? #""click""# : #""page_view""#
            text +=
                #"{"seq":\#(seq),"received":"2026-11-21T12:00:00.000Z","via":"tcp","id":"e\#(seq)","site":"shop","type":\#(type),"customer":"k\#(seq % 700)"}"#
                + "\n"
        }
        for batch in EventLines().batches(Array(text.utf8), cut: { $0 == 50 }) {
            try many.take(batch)
            try few.take(batch)
            try few.folder.flush()
        }
        try many.folder.flush()
        #expect(try many.dump() == few.dump())
    }

    @Test func `a reader reads and can't write`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(#""type":"feedback","kind":"review","score":1,"scale":2,"about":"ü""#)
        let reader = try LedgerReader(ledger.path)
        let found = try reader.rows(
            sql:
                "SELECT score, about, sentiment, score / 4.0 AS quarter FROM feedback WHERE about = ?",
            arguments: [.text("ü")])
        #expect(found.columns == ["score", "about", "sentiment", "quarter"])
        #expect(found.rows == [[.integer(50), .text("ü"), .null, .real(12.5)]])
        #expect(throws: LedgerError.self) { try reader.rows(sql: "DELETE FROM feedback") }
        try reader.close()
    }

    @Test func `there is no reading where there is no file`() {
        #expect(throws: LedgerError.self) { try LedgerReader("/nonexistent/ledger.sqlite") }
    }

    @Test func `a write waits for another's lock and says so once`() throws {
        let path = NSTemporaryDirectory() + "engaged-busy-\(UUID().uuidString).sqlite"
        defer {
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: path + suffix)
            }
        }
        let blocker = Mutex<DatabaseQueue?>(nil)
        let notices = Atomic(0)
        let ledger = try Ledger.open(path) { _ in
            notices.add(1, ordering: .relaxed)
            // The other lets go as soon as somebody waits for it.
            blocker.withLock { queue in
                try? queue?.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
            }
        }
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        blocker.withLock { $0 = other }
        let folder = try Folder(
            log: MemoryLog(), store: ledger, idKey: HashKey(a: 1, b: 2), window: 100)
        let line =
            #"{"seq":1,"received":"2026-11-21T12:00:00.000Z","via":"tcp","id":"e","site":"shop","type":"click"}"#
        for batch in EventLines().batches(Array((line + "\n").utf8), cut: { _ in false }) {
            try folder.take(batch)
        }
        try folder.flush()
        #expect(notices.load(ordering: .relaxed) == 1)
        #expect(try ledger.load().progress.applied == 1)
        try other.close()
        try ledger.close()
    }

    @Test func `a copy is a ledger of its own, made while somebody writes`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(#""type":"click","customer":"anna""#)
        let copy = ledger.path + ".copy"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        #expect(try Ledger.copy(ledger.path, to: copy) == 1)
        try ledger.apply(#""type":"click","customer":"bert""#)
        #expect(try Ledger.check(copy) == 1)
        #expect(try Ledger.check(ledger.path) == 2)
        let opened = try Ledger.open(copy)
        #expect(try opened.load().progress.applied == 1)
        try opened.close()
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: copy + suffix)
        }
    }

    @Test func `a copy with a damaged page, or of something else, is refused`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(#""type":"click","customer":"anna""#)
        let copy = ledger.path + ".copy"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        _ = try Ledger.copy(ledger.path, to: copy)
        let whole = try Data(contentsOf: URL(filePath: copy))
        for page in stride(from: 4_096, to: whole.count, by: 4_096) {
            var bytes = whole
            bytes.replaceSubrange(page..<(page + 64), with: Data(repeating: 0xff, count: 64))
            try bytes.write(to: URL(filePath: copy))
            #expect(throws: LedgerError.self, "page at \(page)") { try Ledger.check(copy) }
        }
        try Data("not a database".utf8).write(to: URL(filePath: copy))
        #expect(throws: LedgerError.self) { try Ledger.check(copy) }
        try FileManager.default.removeItem(atPath: copy)
        #expect(throws: LedgerError.self) { try Ledger.check(copy) }
    }

    @Test func `checkpointed says up to where no power cut can undo the counters`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(#""type":"click","customer":"anna""#)
        #expect(try ledger.ledger.checkpointed() == 1)
        let reader = try LedgerReader(ledger.path)
        let queue = try DatabaseQueue(path: ledger.path)
        try queue.inDatabase { db in
            try db.execute(sql: "BEGIN; SELECT * FROM meta")
            try ledger.apply(#""type":"click","customer":"bert""#)
            // What the reader may still want stays in the log.
            try ledger.apply(#""type":"click","customer":"cleo""#)
            #expect(try ledger.ledger.checkpointed() == nil)
            try db.execute(sql: "COMMIT")
        }
        try queue.close()
        try reader.close()
        #expect(try ledger.ledger.checkpointed() == 3)
    }

    @Test func `a closed ledger refuses`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(#""type":"click","customer":"anna""#)
        try ledger.ledger.close()
        try ledger.ledger.close()
        #expect(throws: LedgerError.self) { try ledger.apply(#""type":"click","customer":"anna""#) }
    }
}
