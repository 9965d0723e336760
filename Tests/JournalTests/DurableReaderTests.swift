import Engagement
import Foundation
import Journal
import TestSupport
import Testing

@Suite struct DurableReaderTests {
    /// What the fold sees of a line: type, traits, times and fields by name.
    private func view(_ batch: Batch, _ i: Int) -> String {
        let record = Record(batch: batch, index: i)
        var fields: [String] = []
        for n in 0..<record.wordCount {
            let word = record.word(n)
            let text = String(decoding: record.bytes(word), as: UTF8.self)
            fields.append("\(Field(rawValue: word.id)!)=\(word.kind):\(text)")
        }
        let line = record.line
        return "\(record.seq) \(line.type) \(line.via) \(line.traits.rawValue) "
            + "\(line.claimedMilliseconds) \(line.receivedMilliseconds) \(fields)"
    }

    private func all(
        _ bench: Bench, from: UInt64 = 1, through: UInt64 = .max
    ) throws -> [String] {
        var out: [String] = []
        try DurableReader(segments: bench.segments).read(from: from, through: through) { batch in
            for i in 0..<batch.lineCount { out.append(view(batch, i)) }
        }
        return out
    }

    @Test func `a replayed line looks as it did when it came in`() throws {
        let bench = Bench()
        let lines = [
            event("e1", extra: ",\"time\":\"2025-12-31T23:00:00+01:00\",\"unknown\":[1,{}]"),
            "{\"type\":\"order\",\"site\":\"shop\",\"order\":\"o1\",\"amount\":1299,\"currency\":\"EUR\"}",
            "{ \"type\" : \"newsletter_bounced\" , \"site\":\"n\",\"hard\":true,\"id\":\"x\"}",
        ]
        let live = batch(lines)
        let keeper = Keeper()
        let journal = try keeper.open(bench)
        try keeper.start(journal)
        keeper.submit(journal, live)
        keeper.waitUntilQuiet(journal)
        let expected = (0..<live.lineCount).map { view(live, $0) }
        #expect(try all(bench, through: journal.watermark.seq) == expected)
        journal.stop()
    }

    @Test func `absent values are left out and escapes are resolved`() throws {
        let bench = Bench()
        _ = try Keeper.write(
            bench,
            [
                batch([
                    #"{"type":"page_view","id":"a","site":"shop","customer":"z\u006f\u00eb\n","#
                        + #""visitor":"","url":null,"redacted":true}"#
                ])
            ], clock: FakeClock())
        let seen = try all(bench)
        #expect(
            seen == [
                "1 pageView tcp 2 \(Batch.noTime) 1767225600000 "
                    + #"["type=text:page_view", "id=text:a", "site=text:shop", "customer=text:zoë\n"]"#
            ])
    }

    @Test func `reading starts and stops within members and files`() throws {
        let bench = Bench()
        var limits = Bench.limits
        limits.segmentBytes = 400
        _ = try Keeper.write(
            bench, (0..<6).map { n in batch((0..<5).map { event("\(n)-\($0)") }) }, limits: limits)
        let whole = try all(bench)
        #expect(whole.count == 30)
        let reader = DurableReader(segments: bench.segments)
        for from in 1...31 as ClosedRange<UInt64> {
            #expect(try all(bench, from: from) == Array(whole[Int(from - 1)...]), "from \(from)")
            let last = min(30, from)
            #expect(try all(bench, through: last) == Array(whole[..<Int(last)]))
            #expect(
                try all(bench, from: last > 7 ? last - 7 : 1, through: last)
                    == Array(whole[(last > 7 ? Int(last) - 8 : 0)..<Int(last)]))
            if from <= 30 {
                let line = String(decoding: try #require(try reader.line(seq: from)), as: UTF8.self)
                #expect(line.hasPrefix("{\"seq\":\(from),"))
            }
        }
    }

    @Test func `a running journal is read up to its watermark`() throws {
        let bench = Bench()
        let keeper = Keeper()
        let journal = try keeper.open(bench)
        try keeper.start(journal)
        let reader = journal.reader()
        var next: UInt64 = 1
        for i in 0..<50 {
            keeper.submit(journal, batch([event("\(i)-a"), event("\(i)-b")]))
            let mark = journal.watermark.seq
            try reader.read(from: next, through: mark) { batch in
                #expect(batch.firstSeq == next)
                #expect(batch.epoch == 1)
                next = batch.lastSeq + 1
            }
            #expect(next == mark + 1)
            if mark > 0 { #expect(try reader.line(seq: mark) != nil) }
        }
        journal.stop()
    }
}
