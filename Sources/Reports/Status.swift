import Foundation
package import Telemetry

/// The daemon's condition at one moment: what `/status` answers and `engaged status` shows.
///
/// Keys of the JSON are the names here in snake_case; they stay, new ones may be added.
package struct Status: Codable, Sendable, Equatable {
    package var version: String
    /// `ready`, or why it isn't.
    package var state: String
    package var dataDirectory: String
    package var listen: String
    package var pid: Int
    /// Since when this process runs, seconds.
    package var uptimeSeconds: Double
    /// When the configuration in force was read, seconds since 1970 UTC.
    package var configLoadedSeconds: Double
    /// Whether the last reload was taken; false: what was in force before stays in force.
    package var configReloadSuccessful: Bool
    /// Highest durable seq.
    package var watermarkSeq: Int64
    /// Highest seq counted in the ledger.
    package var appliedSeq: Int64
    /// Age of the oldest durable event that isn't counted.
    package var lagSeconds: Double
    /// By transport, since the start.
    package var accepted: [String: UInt64]
    /// By reason code, since the start; zeros left out.
    package var rejected: [String: UInt64]
    package var duplicates: UInt64
    package var openConnections: Int64
    package var udpKernelDrops: UInt64
    /// Lines before compression and bytes on disk, since the start.
    package var rawBytes: UInt64
    package var storedBytes: UInt64
    /// Median and 99th percentile, upper bounds of histogram buckets; nil before any.
    package var ackSeconds: Quantiles?
    package var syncSeconds: Quantiles?
    package var residentBytes: Int
    /// Durable lines a second, over the last ten seconds.
    package var eventsPerSecond: Double?
    package var files: Files?
    /// What somebody ought to look at, in words.
    package var troubles: [String]?

    package struct Quantiles: Codable, Sendable, Equatable {
        package var p50: Double
        package var p99: Double

        init?(_ histogram: Histogram) {
            let snapshot = histogram.snapshot
            guard let p50 = snapshot.quantile(0.5), let p99 = snapshot.quantile(0.99) else {
                return nil
            }
            // JSON has no infinity: what is above the last bound is shown as that bound.
            let last = Double(snapshot.bounds.last ?? 0) / snapshot.scale
            self.p50 = min(p50, last)
            self.p99 = min(p99, last)
        }
    }

    /// Reads the counters now.
    /// - Parameter state: `ready`, or why the daemon isn't.
    package init(
        counters: Counters, version: String, state: String, dataDirectory: String, listen: String,
        eventsPerSecond: Double = 0, nowSeconds: Double = Date().timeIntervalSince1970
    ) {
        self.version = version
        self.state = state
        self.dataDirectory = dataDirectory
        self.listen = listen
        pid = Int(ProcessInfo.processInfo.processIdentifier)
        uptimeSeconds = ((nowSeconds - counters.startSeconds) * 10).rounded() / 10
        configLoadedSeconds =
            Double(counters.configuration.lastGoodMilliseconds.value) / 1_000
        configReloadSuccessful = counters.configuration.lastIsGood.value != 0
        watermarkSeq = counters.watermark.value
        appliedSeq = counters.appliedSeq.value
        lagSeconds = Double(counters.lagMilliseconds.value) / 1_000
        accepted = Dictionary(
            uniqueKeysWithValues: Transport.allCases.map {
                ($0.name, counters.accepted.value(at: $0.rawValue))
            })
        rejected = [:]
        for (index, reason) in counters.reasons.enumerated() {
            let count = Transport.allCases.reduce(0) {
                $0 + counters.rejected.value(at: $1.rawValue, index)
            }
            if count > 0 { rejected[reason] = count }
        }
        duplicates = counters.duplicates.total
        openConnections = counters.openConnections.value
        udpKernelDrops = counters.kernelDrops.total
        rawBytes = counters.rawBytes.total
        storedBytes = counters.storedBytes.total
        ackSeconds = Quantiles(counters.ackLatency)
        syncSeconds = Quantiles(counters.syncLatency)
        residentBytes = ProcessFacts.now().residentBytes
        self.eventsPerSecond = (eventsPerSecond * 10).rounded() / 10
        files = Files(counters, nowSeconds: nowSeconds)
        troubles = Self.troubles(counters)
    }

    /// Indented JSON with sorted keys.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Its values are finite numbers and strings, which always encode.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// - Throws: `DecodingError` when the text isn't a status.
    package init(json: [UInt8]) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(Status.self, from: Data(json))
    }
}
