/// What recovery found, and where the new epoch goes on.
package struct RecoveryReport: Sendable {
    /// The seq of the next line.
    package var nextSeq: UInt64 = 1
    /// What the HEAD of the next segment carries.
    package var chain: UInt32 = 0
    /// The largest epoch in the segments; 0 without any.
    package var lastEpoch: UInt64 = 0
    /// As the newest readable HEAD says.
    package var node: UInt64?
    package var segmentCount = 0
    /// All that is damaged, found now or before.
    package var damages: [SegmentDamage] = []
    /// Damages that no CONTROL line tells of yet: the next segment opens with them.
    package var unreported: [SegmentDamage] = []
    /// Files whose tail was set aside and cut off.
    package var torn: [String] = []
    package var sealed: [String] = []
    package var removed: [String] = []
}
