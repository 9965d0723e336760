import NIOCore

/// How long an open batch waits for company: twice as long as the sink lately took to make one
/// durable, so that a fast disk is used for short waits and a slow or busy one for full batches.
struct Linger {
    /// Never longer than the setting.
    private let most: TimeAmount
    /// Below this the batches would cost more than the waiting.
    private let least: TimeAmount
    /// A moving average over about eight batches.
    private var trip: TimeAmount

    private static let floor = TimeAmount.milliseconds(1)

    init(most: TimeAmount) {
        self.most = most
        least = min(Self.floor, most)
        trip = most
    }

    var time: TimeAmount { min(most, max(least, trip * 2)) }

    /// A batch that was handed over has settled after `time`.
    mutating func observe(_ time: TimeAmount) {
        // A disk that stood still for seconds mustn't be felt for long.
        let felt = min(time, most)
        trip = .nanoseconds(trip.nanoseconds + (felt.nanoseconds - trip.nanoseconds) / 8)
    }
}
