/// The daemon's whole configuration, as typed values that have been checked together.
///
/// `Settings()` is what holds without any configuration; `Settings.load` reads the rest. What each
/// value does, its range and what a bad choice costs: schemas/settings.md. Units end the names.
package struct Settings: Sendable, Equatable {
    package var dataDirectory = "./engaged-data"
    /// UDP, TCP and HTTP, one port.
    package var listen = ListenAddress(host: "127.0.0.1", port: 3643)
    /// Metrics, health and status; nil for no admin port.
    package var admin: AdminAddress? = .network(ListenAddress(host: "127.0.0.1", port: 3644))
    /// Asked of whoever reads metrics and status; a secret. nil: nothing is asked.
    package var adminToken: String?
    /// In the order of their names; never empty after `load`.
    package var sites = [SiteSettings(name: "default", open: true)]
    package var limits = Limits()
    package var proxies = ProxySettings()
    package var machines = MachineOptions()
    package var journal = JournalSettings()
    package var rollup = RollupOptions()
    package var keeping = KeepingSettings()
    /// How much the folder of refused lines may hold; 0 keeps none.
    package var rejectedFolderBytes = 16 << 20
    /// Asked of the kernel; it may give less (`net.core.rmem_max`).
    package var udpReceiveBufferBytes = 32 << 20
    /// Event loops reading sockets; 0 chooses half the cores, at least one.
    package var lanes = 0
    /// What the process may take in all; see `MemoryPlan`.
    package var memoryBytes = 1 << 30
    package var logLevel = LogLevelName.info
    package var links = LinkSettings()
    package var tls = TLSSettings()

    package init() {}

    /// The number of lanes to start on a machine with `cores` cores.
    package func laneCount(cores: Int) -> Int { lanes > 0 ? lanes : max(1, cores / 2) }
}

/// What one sender may do to the daemon.
package struct Limits: Sendable, Equatable {
    /// One event line without its newline.
    package var lineBytes = 64 << 10
    /// One UDP datagram; longer ones are refused as truncated.
    package var datagramBytes = 65_507
    /// One HTTP body as sent.
    package var bodyBytes = 1 << 20
    /// One HTTP body after inflating.
    package var inflatedBodyBytes = 8 << 20
    /// How many bytes such a body may become for each that its request sent; 0: any number.
    package var inflateRatio = 100
    /// All headers of one HTTP request.
    package var headerBytes = 16 << 10
    /// TCP and HTTP together.
    package var connections = 10_000
    /// Of one address (of IPv6 one /64); 0: any number.
    package var connectionsPerAddress = 1_000
    /// Of HTTP; then the connection closes with the answer. 0: any number.
    package var requestsPerConnection = 10_000
    /// How many seconds' worth of a key's events may come at once.
    package var rateBurstSeconds = 10
    /// A connection that sends nothing for so long is closed.
    package var idleTimeoutSeconds = 75
    /// One HTTP request from its first byte to its last.
    package var requestTimeoutSeconds = 30

    package init() {}
}

/// When batches close and segments end.
package struct JournalSettings: Sendable, Equatable {
    /// How long a batch waits for more lines before it is written.
    package var lingerMilliseconds = 5
    /// Bytes of batches waiting for the disk before senders are held back.
    package var queueBytes = 8 << 20
    /// Compressed size at which a segment is sealed.
    package var segmentBytes = 64 << 20
    /// Age at which a segment is sealed.
    package var segmentAgeSeconds = 3_600

    package init() {}
}

/// How the ledger follows the journal.
package struct RollupOptions: Sendable, Equatable {
    /// Longest wait between the first uncounted event and the transaction that counts it.
    package var flushMilliseconds = 900
    /// How many seqs back a repeated id is recognised.
    package var dedupeWindow = 20_000_000
    /// Bytes of durable batches kept in memory for the fold; beyond it they are read from disk.
    package var queueBytes = 32 << 20

    package init() {}
}

/// How long files are kept, and how they are looked after.
package struct KeepingSettings: Sendable, Equatable {
    /// Segments whose last line is older may be deleted; 0 keeps them for ever.
    package var days = 0
    /// Of all segments together; beyond it the oldest may be deleted. 0: no bound.
    package var bytes = 0
    /// Snapshots of the ledger that are kept.
    package var snapshots = 2
    /// Between two of them.
    package var snapshotMinutes = 1_440
    /// Between two summaries; 0 makes none.
    package var summaryMinutes = 15
    /// How fast sealed segments are read again for damage; 0 doesn't.
    package var scrubBytesPerSecond = 4 << 20
    /// How much of one core packs old segments more tightly; 0 doesn't.
    package var recompactionPercent = 0
    /// How old a segment's last line is before it is packed.
    package var recompactionHours = 1
    /// Of everything in `quarantine/`.
    package var quarantineBytes = 4 << 30

    package init() {}
}

/// Signed links in mails.
package struct LinkSettings: Sendable, Equatable {
    /// Where readers reach the daemon, without a slash at its end; nil: `listen`.
    package var address: String?
    /// A name without a slash is a credential of the service manager's, else a file in the data
    /// directory.
    package var keyFile = "links.keys"

    package init() {}
}

extension Settings {
    /// What signed links begin with.
    package var linkAddress: String {
        links.address ?? "\(tls.certificateFile == nil ? "http" : "https")://\(listen)"
    }
}

/// swift-log's levels by name, so that reading the configuration needs no logger.
package enum LogLevelName: String, CaseIterable, Sendable {
    case trace, debug, info, notice, warning, error, critical
}
