/// One metric of any kind.
package enum Metric: Sendable {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)

    package var name: String {
        switch self {
        case .counter(let counter): counter.name
        case .gauge(let gauge): gauge.name
        case .histogram(let histogram): histogram.name
        }
    }

    package var help: String {
        switch self {
        case .counter(let counter): counter.help
        case .gauge(let gauge): gauge.help
        case .histogram(let histogram): histogram.help
        }
    }
}

extension Counters {
    /// Every metric, in the order in which the page shows them: as the data flows.
    package var catalogue: [Metric] {
        [
            .counter(accepted), .counter(rejected), .counter(events), .counter(machines),
            .counter(receivedBytes), .counter(datagrams), .counter(kernelDrops),
            .gauge(openConnections), .counter(connections), .counter(refusedConnections),
            .counter(refusedProxies), .counter(handshakes), .gauge(sealedConnections),
            .counter(refusedPlain), .gauge(certificateExpiry),
            .counter(acceptPauses), .gauge(intakeMemory),
            .gauge(intakeMemoryLimit), .counter(httpRequests), .counter(linksRefused),
            .histogram(ackLatency),
            .counter(members), .counter(rawBytes), .counter(storedBytes), .counter(syncs),
            .histogram(syncLatency), .gauge(watermark), .gauge(damages),
            .gauge(appliedSeq), .gauge(lagMilliseconds), .counter(applied), .counter(duplicates),
            .gauge(idsBytes), .gauge(idsForgotten), .gauge(erasures),
        ]
    }

    /// The standard metrics about the process that the page ends with.
    package static let processMetricNames = [
        "process_start_time_seconds", "process_cpu_seconds_total",
        "process_resident_memory_bytes", "process_open_fds",
    ]
}
