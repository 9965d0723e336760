import Engagement
import TestSupport
import Testing

@testable import Admission

/// Lines taken as a run, as the lanes take them.
struct LineRunTests {
    private static let site = Site(name: "shop", keys: ["a-long-write-key"])
    private let door = Door(
        via: .tcp,
        grant: SiteBook([site]).grant(key: Array("a-long-write-key".utf8), fromLoopback: false))

    private func gates() -> Admission { Admission(suppression: Suppression()) }

    private func run(_ text: String, door: Door, into batch: Batch) -> Admission.Run {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer {
            gates().admitRun(
                $0.baseAddress!, from: 0, limit: $0.count, door: door, into: batch)
        }
    }

    private static let lines = [
        #"{"type":"click"}"#, #"{"type":"page_view","customer":"c","url":"https://a.example/é"}"#,
        #"{"type":"newsletter_opened","newsletter":"w","issue":"1","customer":"c"}"#, "", " ",
        #"{"type":"dance"}"#, #"{"type":"click","seq":1}"#, "{",
        #"{"type":"click","name":"\u00e9"}"#,
        #"{"type":"click","site":"other"}"#, #"{"type":"order","order":"o","amount":1}"#,
    ]

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `a run comes to what its lines come to one by one`(seed: UInt64) {
        var random = SeededRNG(seed)
        let chosen = (0..<40).map { _ in Self.lines.randomElement(using: &random)! }
        let bytes = Array(chosen.joined(separator: "\n").utf8)
        let (single, together) = (gates(), gates())
        let (expected, got) = (Batch(), Batch())
        bytes.withUnsafeBufferPointer { text in
            let base = text.baseAddress!
            var refused: [(Int, Reason)] = []
            var found: [(Int, Reason)] = []
            var at = 0
            var lines = 0
            while at < text.count {
                let step = single.admit(
                    base, from: at, limit: text.count, door: door, into: expected)
                if case .rejected(let rejection) = step.verdict {
                    refused.append((at, rejection.reason))
                }
                at = step.next
                lines += 1
            }
            at = 0
            while at < text.count {
                let before = got.lineCount
                let run = together.admitRun(
                    base, from: at, limit: text.count, door: door, into: got)
                #expect(run.hasAccepted == (got.lineCount > before), "seed \(seed)")
                if let rejection = run.rejection { found.append((run.last, rejection.reason)) }
                at = run.next
                lines -= run.lines
            }
            #expect(lines == 0, "seed \(seed)")
            #expect(refused.map(\.0) == found.map(\.0), "seed \(seed)")
            #expect(refused.map(\.1) == found.map(\.1), "seed \(seed)")
        }
        #expect(expected.lineCount == got.lineCount && expected.byteCount == got.byteCount)
        #expect(
            UnsafeRawBufferPointer(start: expected.bytes, count: expected.byteCount).elementsEqual(
                UnsafeRawBufferPointer(start: got.bytes, count: got.byteCount)), "seed \(seed)")
    }

    @Test func `a run ends with the line that fills the batch`() {
        let batch = Batch()
        let line = #"{"type":"click"}"# + "\n"
        let run = run(
            String(repeating: line, count: Batch.closeLines + 5), door: door, into: batch)
        #expect(batch.isFull && run.lines == batch.lineCount && run.lines < Batch.closeLines + 5)
        #expect(run.next == run.lines * line.utf8.count)
    }

    @Test func `a run ends with the line that is refused, which is told apart`() {
        let batch = Batch()
        let text = "{\"type\":\"click\"}\n\n{\"type\":\"dance\"}\n{\"type\":\"click\"}\n"
        let run = run(text, door: door, into: batch)
        #expect(run.lines == 3 && run.hasAccepted && batch.lineCount == 1)
        #expect(run.rejection?.reason == .unknownType)
        #expect(run.last == 18 && run.next == 35)
    }

    @Test func `without a known key nothing is accepted`() {
        let batch = Batch()
        let run = run(
            #"{"type":"click"}"#, door: Door(via: .tcp, grant: nil), into: batch)
        #expect(run.rejection?.reason == .unknownKey && !run.hasAccepted)
        #expect(batch.lineCount == 0)
    }
}
