import Engagement
import Rollup
import Synchronization
import TestSupport

/// A log in which many lines repeat the (site, id) of an earlier one, often just inside the window
/// or just outside, and who is a duplicate by the plain rule.
struct Repetitions {
    /// Site and id of each line from seq 1 on; nil: a line that counts nowhere.
    var names: [String?] = []
    let window: UInt64

    init(_ rng: inout SeededRNG, count: Int, window: UInt64) {
        self.window = window
        for at in 0..<count {
            let distances = [Int(window) - 1, Int(window), Int(window) + 1, 1, 2, 7]
            let back = at - distances.randomElement(using: &rng)!
            if rng.oneIn(12) {
                names.append(nil)
            } else if rng.oneIn(2), back >= 0 {
                names.append(names[back] ?? "blog e\(at)")
            } else {
                names.append("\(rng.oneIn(3) ? "blog" : "shop") e\(at / 2)")
            }
        }
    }

    /// The same up to `seq`, all different and all counting from then on.
    func forked(after seq: Int) -> Repetitions {
        var fork = self
        for at in seq..<names.count { fork.names[at] = "shop fork\(at)" }
        return fork
    }

    /// Seqs of the lines that repeat a kept one at most `window` before them. What was dropped isn't
    /// kept. - Parameter lost: seqs that are never folded.
    func duplicates(lost: Set<UInt64> = []) -> [UInt64] {
        var kept: [String: UInt64] = [:]
        var dropped: [UInt64] = []
        for (at, name) in names.enumerated() {
            let seq = UInt64(at + 1)
            guard let name, !lost.contains(seq) else { continue }
            if let before = kept[name], seq - before <= window {
                dropped.append(seq)
            } else {
                kept[name] = seq
            }
        }
        return dropped
    }

    func batches(lines: Int) -> [Batch] {
        var text = ""
        for (at, name) in names.enumerated() {
            text += #"{"seq":\#(at + 1),"received":"2026-11-21T12:00:00.000Z","#
            if let words = name?.split(separator: " ") {
                text +=
                    #""via":"tcp","id":"\#(words[1])","site":"\#(words[0])","type":"page_view"}"#
            } else if at % 2 == 0 {
                text += #""via":"control","control":"note"}"#
            } else {
                text += #""via":"tcp","id":"x","site":"shop","type":"no such type"}"#
            }
            text += "\n"
        }
        return EventLines().batches(Array(text.utf8)) { $0 == lines }
    }
}

extension FakeStore {
    /// Seqs dropped by (site, id).
    var dropped: [UInt64] { state.withLock { $0.stored.dropped.flatMap { Array($0) } } }
}
