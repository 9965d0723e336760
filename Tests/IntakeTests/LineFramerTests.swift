import Testing

@testable import Intake

struct LineFramerTests {
    private enum Piece: Equatable {
        case line(String)
        case tooLong(Int)
    }

    /// The pieces that come of the bytes, cut at `cuts`, taken at most `atOnce` lines at a time.
    private func pieces(
        _ text: String, cuts: [Int], maximum: Int = 16, atOnce: Int = .max
    ) -> [Piece] {
        var framer = LineFramer(maximumLineBytes: maximum)
        var out: [Piece] = []
        func note(_ run: LineFramer.Run) -> Int {
            switch run {
            case .lines(var lines):
                let ends = lines.indices.filter { lines[$0] == 10 }
                if ends.count > atOnce {
                    lines = UnsafeBufferPointer(rebasing: lines[0...ends[atOnce - 1]])
                }
                for line in lines.split(separator: 10, omittingEmptySubsequences: false).dropLast()
                {
                    out.append(.line(String(decoding: line, as: UTF8.self)))
                }
                if lines.last != 10 {
                    let rest = lines.split(separator: 10, omittingEmptySubsequences: false).last!
                    out.append(.line(String(decoding: rest, as: UTF8.self)))
                }
                return lines.count
            case .tooLong(let beginning):
                out.append(.tooLong(beginning.count))
                return beginning.count
            }
        }
        let bytes = Array(text.utf8)
        var at = 0
        for cut in cuts + [bytes.count] {
            while at < cut { at += bytes[at..<cut].withUnsafeBytes { framer.take($0, note) } }
        }
        framer.finish(note)
        return out
    }

    @Test func `lines don't depend on where packets end`() {
        let text = "one\ntwo\n\nfour\nlast"
        let whole: [Piece] = ["one", "two", "", "four", "last"].map { .line($0) }
        for first in 0...text.utf8.count {
            for second in first...text.utf8.count {
                #expect(pieces(text, cuts: [first, second]) == whole)
                #expect(pieces(text, cuts: [first, second], atOnce: 1) == whole)
            }
        }
    }

    @Test func `a line over the limit is told once and its rest passed over`() {
        let text = String(repeating: "x", count: 40) + "\nnext\n"
        for step in [7, 17, 20] {
            let cuts = Array(stride(from: step, to: text.utf8.count, by: step))
            let out = pieces(text, cuts: cuts)
            let told = out.filter { if case .tooLong = $0 { true } else { false } }
            #expect(told.count == 1)
            #expect(out.last == .line("next"))
            #expect(told == [.tooLong(17)], "no more is kept than it takes to know")
        }
    }
}
