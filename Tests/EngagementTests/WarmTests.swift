import Engagement
import TestSupport
import Testing

@Suite struct WarmTests {
    /// Looking ahead is for speed alone.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `lines looked at ahead fold to the same rows`(seed: UInt64) throws {
        var rng = SeededRNG(seed)
        var text = ""
        for seq in 1...600 {
            let customer = Int.random(in: 0..<20, using: &rng)
            let kind = ["page_view", "click", "forget", "lead"].randomElement(using: &rng)!
            text +=
                #"{"seq":\#(seq),"received":"2026-11-21T12:00:00.000Z","via":"tcp","id":"e\#(seq)","site":"shop","type":"\#(kind)","customer":"k\#(customer)"}"#
                + "\n"
        }
        let batches = EventLines().batches(Array(text.utf8)) { _ in rng.oneIn(90) }
        let plain = Folding()
        let warm = Folding()
        for batch in batches {
            for i in 0..<batch.lineCount {
                let seq = batch.firstSeq + UInt64(i)
                if i % Fold.groupLines == 0 {
                    warm.fold.warm(
                        batch, from: i, to: min(batch.lineCount, i + Fold.groupLines), seq: seq)
                }
                _ = try plain.fold.fold(batch, index: i, seq: seq)
                _ = try warm.fold.fold(batch, index: i, seq: seq)
            }
        }
        for shape in Delta.shapes {
            #expect(warm.rows(shape.name) == plain.rows(shape.name), "seed \(seed)")
        }
        #expect(warm.fold.delta.progress == plain.fold.delta.progress)
    }
}
