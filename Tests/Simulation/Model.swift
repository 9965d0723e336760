import Engagement
import Journal

/// What the outside may expect of the log, kept in the plainest way.
struct Model {
    /// A seq that was claimed durable, or was met in the log after a recovery: its content is settled
    /// for ever.
    enum Content: Equatable {
        case line(Int)
        case control
    }

    private let referee: Referee
    /// Content of seq i + 1; nil: that line was lost to planted damage.
    private(set) var settled: [Content?] = []
    /// By line number: it is in the log.
    private var places: [Int: UInt64] = [:]
    var lastEpoch: UInt64 = 0

    init(_ referee: Referee) { self.referee = referee }

    var lastSeq: UInt64 { UInt64(settled.count) }

    /// A batch was claimed durable with this seq for its first line.
    mutating func claim(_ contents: [Content], firstSeq: UInt64) {
        referee.expect(
            firstSeq == lastSeq + 1, "seq \(firstSeq) was acknowledged after \(lastSeq)")
        for content in contents { settle(content) }
    }

    private mutating func settle(_ content: Content) {
        if case .line(let number) = content {
            referee.expect(
                places[number] == nil,
                "line \(number) is seq \(places[number] ?? 0) and \(lastSeq + 1)")
            places[number] = lastSeq + 1
        }
        settled.append(content)
    }

    /// Compares the whole log with what was claimed; what nobody claimed may be there, too, but must
    /// stay from now on.
    ///
    /// - Parameters:
    ///   - first: where the log begins; what was before it stays known.
    ///   - lost: seqs whose member was damaged on purpose.
    mutating func compare(
        _ reader: DurableReader, from first: UInt64, through last: UInt64, _ traffic: Traffic,
        lost: Set<UInt64> = []
    ) throws {
        var next = first
        try reader.read(from: 1, through: .max) { batch in
            for i in 0..<batch.lineCount {
                let seq = batch.firstSeq + UInt64(i)
                skipLost(&next, before: seq, lost)
                referee.expect(seq == next, "seq \(seq) was read where \(next) should be")
                next = seq + 1
                compare(content(batch, i, seq, traffic), seq)
            }
        }
        skipLost(&next, before: last + 1, lost)
        referee.expect(next == last + 1, "the log ends before \(next), recovery says \(last)")
        referee.expect(
            last == lastSeq, "acknowledged through \(lastSeq), but the log ends with \(last)")
    }

    private mutating func skipLost(_ next: inout UInt64, before seq: UInt64, _ lost: Set<UInt64>) {
        while next < seq, lost.contains(next) {
            if next > lastSeq { settled.append(nil) }
            next += 1
        }
    }

    private mutating func compare(_ content: Content?, _ seq: UInt64) {
        guard let content else { return }
        if seq > lastSeq {
            settle(content)
        } else if let known = settled[Int(seq) - 1] {
            referee.expect(known == content, "seq \(seq) was \(known) and is \(content)")
        }
    }

    /// nil: complained of.
    private func content(
        _ batch: Batch, _ index: Int, _ seq: UInt64, _ traffic: Traffic
    ) -> Content? {
        let line = batch.lines[index]
        if line.traits.contains(.control) { return .control }
        var text = UnsafeRawBufferPointer(
            start: batch.bytes + Int(line.offset), count: Int(line.length))
        guard let number = Traffic.number(text), number < traffic.lines.count else {
            referee.complain("seq \(seq) holds a line that nobody sent")
            return nil
        }
        let sent = traffic.lines[number]
        if sent.identity == nil {
            let made = Array("\"id\":\"s-\(seq)\",".utf8)
            referee.expect(text.starts(with: made), "seq \(seq) lacks the id made for it")
            text = UnsafeRawBufferPointer(rebasing: text.dropFirst(made.count))
        }
        referee.expect(text.elementsEqual(sent.text), "seq \(seq) isn't what was sent")
        return .line(number)
    }

    /// The counters that a ledger must hold which has counted through `last`.
    func counters(through last: UInt64, window: UInt64, _ traffic: Traffic) -> Counters {
        var fold = PlainFold(window: window)
        for i in 0..<Int(last) {
            if case .line(let number)? = settled[i] {
                fold.take(traffic.lines[number], number: number, seq: UInt64(i) + 1)
            }
        }
        return fold.counters
    }
}
