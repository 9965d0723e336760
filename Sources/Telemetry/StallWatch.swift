/// Whether work that waits is still getting done.
///
/// Idleness is no stall: only work that waited at every look since the last that was done is one.
package struct StallWatch: Sendable {
    private let patienceNanoseconds: UInt64
    private var lastDone: UInt64?
    /// The first look at which what waits now did, with nothing done since.
    private var since: UInt64?

    /// - Parameter patienceNanoseconds: how long work may wait with nothing done.
    package init(patienceNanoseconds: UInt64) { self.patienceNanoseconds = patienceNanoseconds }

    /// - Parameters:
    ///   - isWaiting: there is work that ought to go on by itself.
    ///   - done: any number that changes when some is done.
    ///   - now: monotonic, nanoseconds.
    /// - Returns: for how long nothing has been done is more than patience allows.
    package mutating func isStalled(isWaiting: Bool, done: UInt64, now: UInt64) -> Bool {
        defer { lastDone = done }
        guard isWaiting else {
            since = nil
            return false
        }
        if done != lastDone || since == nil { since = now }
        return now &- (since ?? now) > patienceNanoseconds
    }
}
