import Engagement

/// Looks up the (site, id) of stored lines, to prove that a hash hit is a repetition.
///
/// A sender that repeats one line mostly repeats its neighbours, so a look-up reads the lines that
/// follow too and keeps them.
final class StoredIdentities {
    static let readAhead: UInt64 = 256

    private let log: any DurableLog
    /// The lines held, from `first` on.
    private var first: UInt64 = 0
    private var places: [Place] = []
    private var bytes: [UInt8] = []
    private let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: LineIdentity.scratchBytes, alignment: 8)

    /// A line's site and id, one after the other in `bytes`.
    private enum Place {
        case text(start: Int, split: Int, end: Int)
        /// It counts nowhere.
        case nowhere
        case lost
    }

    init(_ log: any DurableLog) { self.log = log }

    deinit { scratch.deallocate() }

    /// Whether the stored line `seq` has this site and id; nil: the log doesn't hold it any more.
    func matches(_ seq: UInt64, _ identity: LineIdentity) throws -> Bool? {
        if seq < first || seq >= first + UInt64(places.count) { try load(seq) }
        switch places[Int(seq - first)] {
        case .text(let start, let split, let end):
            return bytes[start..<split].elementsEqual(identity.site)
                && bytes[split..<end].elementsEqual(identity.id)
        case .nowhere: return false
        case .lost: return nil
        }
    }

    private func load(_ seq: UInt64) throws {
        first = seq
        places.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        let last = min(max(seq, log.watermark), seq + Self.readAhead - 1)
        try log.read(from: seq, through: last) { batch in
            lose(to: batch.firstSeq)
            for i in 0..<batch.lineCount { add(batch, i) }
        }
        lose(to: last + 1)
    }

    /// What the log passes over it has lost.
    private func lose(to end: UInt64) {
        while first + UInt64(places.count) < end { places.append(.lost) }
    }

    private func add(_ batch: Batch, _ index: Int) {
        let seq = batch.firstSeq + UInt64(index)
        guard let identity = LineIdentity(batch, index, seq: seq, scratch: scratch) else {
            return places.append(.nowhere)
        }
        let start = bytes.count
        bytes.append(contentsOf: identity.site)
        let split = bytes.count
        bytes.append(contentsOf: identity.id)
        places.append(.text(start: start, split: split, end: bytes.count))
    }
}
