import Engagement

/// When those who are to be erased were opted out, as their own answers in the log tell.
package struct TrackingHistory: Sendable {
    private struct Answer {
        var seq: UInt64
        var isOff: Bool
    }

    private var answers: [[UInt8]: [Answer]] = [:]
    /// Seqs of the answers that counted, by site and id: one sent again counts no more.
    private var counted: [[UInt8]: UInt64] = [:]
    private let window: UInt64

    /// - Parameter window: the dedupe window of the ledger, in seqs.
    package init(window: UInt64) { self.window = window }

    /// Takes note of an answer that steers. In seq order.
    mutating func note(_ fields: LineFields, _ mention: Mention, seq: UInt64) {
        if let site = fields.text(.site), let id = fields.text(.id) {
            let key = site + [0] + id
            if let earlier = counted[key], seq - earlier <= window { return }
            counted[key] = seq
        }
        let answer = Answer(seq: seq, isOff: mention.type == .permissionWithdrawn)
        for subject in [fields.customer(.customer), fields.visitor].compactMap({ $0 }) {
            answers[subject, default: []].append(answer)
        }
    }

    func isOff(_ subject: [UInt8], at seq: UInt64) -> Bool {
        answers[subject]?.last { $0.seq <= seq }?.isOff ?? false
    }
}
