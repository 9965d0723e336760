import Engagement

/// Looks up the (site, id) of stored lines, to prove that a hash hit is a repetition.
///
/// A sender that repeats one line mostly repeats its neighbours, so a look-up reads the lines that
/// follow too and keeps them.
final class StoredIdentities {
    static let readAhead: UInt64 = 256

    private let log: any DurableLog
    private var first: UInt64 = 0
    private var ends: [Int] = []
    private var splits: [Int] = []
    private var bytes: [UInt8] = []
    private let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: LineIdentity.scratchBytes, alignment: 8)

    init(_ log: any DurableLog) { self.log = log }

    deinit { scratch.deallocate() }

    /// Whether the stored line `seq` has this site and id.
    func matches(_ seq: UInt64, _ identity: LineIdentity) throws -> Bool {
        if seq < first || seq >= first + UInt64(ends.count) { try load(seq) }
        guard seq >= first, seq < first + UInt64(ends.count) else { return false }
        let i = Int(seq - first)
        let start = i == 0 ? 0 : ends[i - 1]
        return bytes[start..<splits[i]].elementsEqual(identity.site)
            && bytes[splits[i]..<ends[i]].elementsEqual(identity.id)
    }

    private func load(_ seq: UInt64) throws {
        first = seq
        ends.removeAll(keepingCapacity: true)
        splits.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        let last = min(max(seq, log.watermark), seq + Self.readAhead - 1)
        try log.read(from: seq, through: last) { batch in
            for i in 0..<batch.lineCount {
                if let identity = LineIdentity(
                    batch, i, seq: batch.firstSeq + UInt64(i), scratch: scratch)
                {
                    bytes.append(contentsOf: identity.site)
                    splits.append(bytes.count)
                    bytes.append(contentsOf: identity.id)
                } else {
                    // No event has an empty site: it matches nothing.
                    splits.append(bytes.count)
                }
                ends.append(bytes.count)
            }
        }
    }
}
