/// Durations counted in fixed buckets: how many took at most so long, and their sum.
package final class Histogram: Sendable {
    package let name: String
    package let help: String
    /// Upper bounds in nanoseconds, rising; what is above the last counts as +Inf.
    package let boundsNanoseconds: [UInt64]
    private let buckets: Cells
    private let sum = Cells(count: 1)

    package init(_ name: String, _ help: String, boundsMicroseconds: [UInt64]) {
        self.name = name
        self.help = help
        boundsNanoseconds = boundsMicroseconds.map { $0 * 1_000 }
        buckets = Cells(count: boundsMicroseconds.count + 1)
    }

    /// Counts `count` durations of that length.
    package func observe(nanoseconds: UInt64, count: Int = 1) {
        var i = 0
        while i < boundsNanoseconds.count, nanoseconds > boundsNanoseconds[i] { i += 1 }
        buckets.add(count, at: i)
        sum.add(Int(truncatingIfNeeded: nanoseconds) &* count, at: 0)
    }

    /// A consistent-enough copy: every observation made before is in it, one being made while it
    /// is taken may be.
    package var snapshot: Snapshot {
        Snapshot(
            boundsNanoseconds: boundsNanoseconds,
            counts: (0..<buckets.count).map { buckets.value(at: $0) },
            sumNanoseconds: sum.value(at: 0))
    }

    package struct Snapshot: Sendable {
        package var boundsNanoseconds: [UInt64]
        /// One per bound and one above them, not cumulative.
        package var counts: [UInt64]
        package var sumNanoseconds: UInt64

        package var count: UInt64 { counts.reduce(0, &+) }

        /// The upper bound of the bucket holding that share (0...1) of the durations, in seconds;
        /// nil without any, infinity above the last bound.
        package func quantile(_ share: Double) -> Double? {
            guard count > 0 else { return nil }
            let rank = max(1, UInt64((share * Double(count)).rounded(.up)))
            var seen: UInt64 = 0
            for (bound, n) in zip(boundsNanoseconds, counts) {
                seen += n
                if seen >= rank { return Double(bound) / 1e9 }
            }
            return .infinity
        }
    }
}
