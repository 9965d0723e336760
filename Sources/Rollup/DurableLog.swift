package import Engagement

/// What the roll-up needs of the journal's durable side. Seqs are gapless.
package protocol DurableLog: AnyObject, Sendable {
    /// The highest durable seq; 0: nothing yet.
    var watermark: UInt64 { get }
    /// The oldest seq that it still holds; lines before it were retired. The one after the watermark
    /// where it holds none.
    var first: UInt64 { get throws }

    /// Reads stored lines `from...through` in seq order, a batch at a time. A batch holds lines of
    /// that range alone; it may be used again by the reader when `into` returns. May be called
    /// from within `into`, once, for other lines.
    func read(from: UInt64, through: UInt64, into: (Batch) throws -> Void) throws
}
