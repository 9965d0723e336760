import Telemetry

extension Status {
    /// What the data directory takes, as looked at within the last ten seconds. Bytes and seconds.
    package struct Files: Codable, Sendable, Equatable {
        package var segments: Int64
        package var segmentBytes: Int64
        package var ledgerBytes: Int64
        /// The ledger's write-ahead log.
        package var ledgerWalBytes: Int64
        package var diskFreeBytes: Int64
        /// Since the newest copy of the ledger was made, or the summary; nil without one.
        package var snapshotAgeSeconds: Double?
        package var summaryAgeSeconds: Double?

        init(_ counters: Counters, nowSeconds: Double) {
            segments = counters.segments.value
            segmentBytes = counters.segmentBytes.value
            ledgerBytes = counters.ledgerBytes.value
            ledgerWalBytes = counters.ledgerLogBytes.value
            diskFreeBytes = counters.diskFree.value
            func age(_ gauge: Gauge) -> Double? {
                gauge.value > 0 ? max(0, (nowSeconds - Double(gauge.value)).rounded()) : nil
            }
            snapshotAgeSeconds = age(counters.snapshotTime)
            summaryAgeSeconds = age(counters.summaryTime)
        }
    }

    /// What somebody ought to look at, each with what to do; without what `state` says already.
    static func troubles(_ counters: Counters) -> [String] {
        var found: [String] = []
        if counters.damages.value > 0 {
            found.append("\(counters.damages.value) damaged places in the segments: engaged verify")
        }
        if counters.kernelDrops.total > 0 {
            found.append(
                "\(grouped(counters.kernelDrops.total)) datagrams lost by the kernel: raise net.core.rmem_max and udp.receive_buffer_bytes"
            )
        }
        if counters.journalRetries.total > 0 {
            found.append("the disk refused a write or a sync: look at the kernel's log, replace it")
        }
        for chore in Chore.allCases {
            let count = counters.upkeepFailures.value(at: chore.rawValue)
            if count > 0 { found.append("\(chore.name) failed (\(count)): see the log") }
        }
        if counters.refusedConnections.total > 0 {
            found.append(
                "\(grouped(counters.refusedConnections.total)) connections refused: limits.connections"
            )
        }
        if counters.erasures.value > 0 {
            found.append("\(counters.erasures.value) erasures aren't finished yet")
        }
        return found
    }

    var filesText: [(String, String)] {
        guard let files else { return [] }
        func bytes(_ value: Int64) -> String { Self.size(UInt64(max(0, value))) }
        func ago(_ age: Double?) -> String { age.map { Self.duration($0) + " ago" } ?? "none yet" }
        return [
            ("disk", "\(bytes(files.diskFreeBytes)) free"),
            ("segments", "\(files.segments), \(bytes(files.segmentBytes))"),
            (
                "ledger",
                "\(bytes(files.ledgerBytes)), and \(bytes(files.ledgerWalBytes)) of write-ahead log"
            ),
            ("snapshot", ago(files.snapshotAgeSeconds)),
            ("summary", ago(files.summaryAgeSeconds)),
        ]
    }
}
