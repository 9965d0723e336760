/// One metric of any kind.
package enum Metric: Sendable {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)
    case sites(SiteCounter)
    case info(Info)

    package var name: String {
        switch self {
        case .counter(let counter): counter.name
        case .gauge(let gauge): gauge.name
        case .histogram(let histogram): histogram.name
        case .sites(let counter): counter.name
        case .info(let info): info.name
        }
    }

    package var help: String {
        switch self {
        case .counter(let counter): counter.help
        case .gauge(let gauge): gauge.help
        case .histogram(let histogram): histogram.help
        case .sites(let counter): counter.help
        case .info(let info): info.help
        }
    }

    /// Its type as the page names it.
    package var type: String {
        switch self {
        case .counter, .sites: "counter"
        case .gauge, .info: "gauge"
        case .histogram: "histogram"
        }
    }

    /// Names of its labels, in order.
    package var labels: [String] {
        switch self {
        case .counter(let counter): counter.labels.map(\.name)
        case .gauge(let gauge): gauge.label.map { [$0.name] } ?? []
        case .histogram: []
        case .sites(let counter): ["site", counter.label.name]
        case .info(let info): info.labels.map(\.name)
        }
    }
}

extension Counters {
    /// Every metric, in the order in which the page shows them: as the data flows.
    package var catalogue: [Metric] {
        intakeMetrics + journalMetrics + rollupMetrics + keepingMetrics + serviceMetrics
    }

    private var intakeMetrics: [Metric] {
        [
            .counter(accepted), .counter(rejected), .counter(events), .counter(machines),
            .sites(siteEvents), .sites(siteRejected),
            .counter(receivedBytes), .counter(datagrams), .counter(kernelDrops),
            .gauge(receiveBuffer), .gauge(openConnections), .counter(connections),
            .counter(refusedConnections), .counter(limitsReached),
            .counter(refusedProxies), .counter(handshakes), .gauge(sealedConnections),
            .counter(refusedPlain), .gauge(certificateExpiry), .counter(acceptPauses),
            .gauge(intakeMemory), .gauge(intakeMemoryLimit), .counter(httpRequests),
            .counter(linksRefused), .histogram(ackLatency),
        ]
    }

    private var journalMetrics: [Metric] {
        [
            .counter(members), .histogram(memberLines), .counter(rawBytes), .counter(storedBytes),
            .counter(syncs), .histogram(syncLatency), .counter(journalRetries),
            .counter(clockSteps), .gauge(queuedBatches), .gauge(queuedBytes), .gauge(watermark),
            .gauge(damages), .gauge(segments), .gauge(segmentBytes),
        ]
    }

    private var rollupMetrics: [Metric] {
        [
            .gauge(appliedSeq), .gauge(lagMilliseconds), .counter(applied), .counter(duplicates),
            .histogram(flushLatency), .histogram(flushRows), .gauge(rollupTrouble),
            .gauge(idsBytes), .gauge(idsForgotten), .gauge(erasures),
            .counter(configuration.reloads), .gauge(configuration.lastIsGood),
            .gauge(configuration.lastGoodMilliseconds),
        ]
    }

    private var keepingMetrics: [Metric] {
        [
            .gauge(ledgerBytes), .gauge(ledgerLogBytes), .gauge(snapshots), .gauge(snapshotTime),
            .gauge(summaryTime), .counter(upkeepFailures),
            .counter(recompacted), .counter(recompactionSaved), .gauge(diskFree), .gauge(diskLow),
        ]
    }

    private var serviceMetrics: [Metric] {
        [
            .gauge(ready), .gauge(stuckThreads), .gauge(recoveryTime), .gauge(recoveryDuration),
            .gauge(recoveryLines), .gauge(recoverySegments),
            .counter(LogSetup.lines), .counter(LogSetup.suppressed), .info(build),
        ]
    }

    /// The standard metrics about the process that the page ends with.
    package static let processMetricNames = [
        "process_start_time_seconds", "process_cpu_seconds_total",
        "process_resident_memory_bytes", "process_open_fds", "process_max_fds",
    ]
}
