/// Durations or amounts counted in fixed buckets: how many came to at most so much, and their sum.
package final class Histogram: Sendable {
    package let name: String
    package let help: String
    /// Upper bounds, rising; what is above the last counts as +Inf. Nanoseconds, or an amount.
    package let bounds: [UInt64]
    /// 1e9 where nanoseconds are kept and seconds shown.
    package let scale: Double
    private let buckets: Cells
    private let sum = Cells(count: 1)

    /// Of durations, shown in seconds.
    package convenience init(_ name: String, _ help: String, boundsMicroseconds: [UInt64]) {
        self.init(name, help, bounds: boundsMicroseconds.map { $0 * 1_000 }, scale: 1e9)
    }

    /// Of amounts, shown as they are.
    package init(_ name: String, _ help: String, bounds: [UInt64], scale: Double = 1) {
        self.name = name
        self.help = help
        self.bounds = bounds
        self.scale = scale
        buckets = Cells(count: bounds.count + 1)
    }

    /// Counts `count` durations of that length.
    package func observe(nanoseconds: UInt64, count: Int = 1) {
        observe(nanoseconds, count: count)
    }

    /// Counts `count` times that amount, in the unit of the bounds.
    package func observe(_ amount: UInt64, count: Int = 1) {
        var i = 0
        while i < bounds.count, amount > bounds[i] { i += 1 }
        buckets.add(count, at: i)
        sum.add(Int(truncatingIfNeeded: amount) &* count, at: 0)
    }

    /// A consistent-enough copy: every observation made before is in it, one being made while it
    /// is taken may be.
    package var snapshot: Snapshot {
        Snapshot(
            bounds: bounds, scale: scale,
            counts: (0..<buckets.count).map { buckets.value(at: $0) }, sum: sum.value(at: 0))
    }

    package struct Snapshot: Sendable {
        package var bounds: [UInt64]
        package var scale: Double
        /// One per bound and one above them, not cumulative.
        package var counts: [UInt64]
        /// In the unit of the bounds.
        package var sum: UInt64

        package var count: UInt64 { counts.reduce(0, &+) }

        /// The upper bound of the bucket holding that share (0...1), as it is shown (seconds); nil
        /// without any, infinity above the last bound.
        package func quantile(_ share: Double) -> Double? {
            guard count > 0 else { return nil }
            let rank = max(1, UInt64((share * Double(count)).rounded(.up)))
            var seen: UInt64 = 0
            for (bound, n) in zip(bounds, counts) {
                seen += n
                if seen >= rank { return Double(bound) / scale }
            }
            return .infinity
        }
    }
}
