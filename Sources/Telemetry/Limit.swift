/// The limits on senders that bite without refusing a line for a reason of its own; each is named as
/// its setting: `limits.<name>`, or `sites.<site>.<name>`. schemas/metrics.md says what each does.
package enum Limit: String, CaseIterable, Sendable {
    case connections
    case connectionsPerAddress = "connections_per_address"
    case requestsPerConnection = "requests_per_connection"
    case idleTimeout = "idle_timeout_seconds"
    case requestTimeout = "request_timeout_seconds"
    case headerBytes = "header_bytes"
    case bodyBytes = "body_bytes"
    case inflatedBodyBytes = "inflated_body_bytes"
    case inflateRatio = "inflate_ratio"
    case eventsPerSecond = "events_per_second"

    package static let names = allCases.map(\.rawValue)
    fileprivate var index: Int { Self.allCases.firstIndex(of: self)! }
}

extension Counters {
    /// A limit bit once: a connection was closed, a request refused, a sender held back.
    package func reached(_ limit: Limit) { limitsReached.add(1, at: limit.index) }
}
