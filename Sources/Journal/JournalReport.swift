/// What `verifyJournal` found: a verdict for each segment and one for all.
package struct JournalReport: Sendable {
    package enum Verdict: String, Sendable {
        case ok
        /// Normal after a crash: the next start cuts it off.
        case tornTail = "torn_tail"
        case corrupt
    }

    package enum State: String, Sendable { case sealed, open, torn, corrupt }

    package struct Segment: Sendable {
        package var file: String
        package var state: State
        package var sizeBytes: Int
        package var firstSeq: UInt64
        package var lineCount: Int
        package var epoch: UInt64?
        package var node: UInt64?
        /// How often erasure or recompaction rewrote it.
        package var generation: UInt32
        package var damages: [SegmentDamage]
        package var torn: SegmentDamage?
        package var void: [SegmentDamage]
    }

    package var segments: [Segment] = []
    /// Lines a reader still delivers.
    package var events = 0
    package var control = 0
    package var redacted = 0
    package var firstSeq: UInt64?
    package var lastSeq: UInt64?
    /// Names in the directory that are no segment's.
    package var strays: [String] = []

    package var damages: [SegmentDamage] { segments.flatMap(\.damages) }
    package var torn: [SegmentDamage] { segments.compactMap(\.torn) }
    package var void: [SegmentDamage] { segments.flatMap(\.void) }

    package var verdict: Verdict {
        if !damages.isEmpty { return .corrupt }
        return torn.isEmpty ? .ok : .tornTail
    }
    /// All is well and every segment is sealed, as after an orderly stop.
    package var isClean: Bool {
        verdict == .ok && segments.allSatisfy { $0.state == .sealed }
    }
}
