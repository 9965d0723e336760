package import Engagement

/// Where admitted batches go. All that intake knows of the journal.
package protocol BatchSink: AnyObject, Sendable {
    /// Takes a batch over. Never blocks; `batch.settled` is called once, on another thread.
    func submit(_ batch: Batch)
    /// More waits for the disk than should: stop reading, turn requests away.
    var isCongested: Bool { get }
    /// The disk is nearly full: nothing may be accepted.
    var isDiskLow: Bool { get }
}

/// Keeps refused lines for the integrator who sent them, within bounds.
package protocol RejectionKeeper: AnyObject, Sendable {
    /// - Parameters:
    ///   - reason: the stable code.
    ///   - line: valid during the call only.
    func keep(reason: String, detail: String, via: String, line: UnsafeBufferPointer<UInt8>)
}
