/// Everything the daemon counts about itself. One object per process, shared by all threads.
///
/// Series are bounded: transports, reason codes and event types are closed sets given at the
/// start. schemas/metrics.md describes each metric; a test keeps the two in step.
package final class Counters: Sendable {
    // Intake.
    package let accepted: Counter
    package let rejected: Counter
    package let siteEvents: SiteCounter
    package let siteRejected: SiteCounter
    package let receivedBytes: Counter
    package let datagrams = Counter(
        "engaged_udp_datagrams_total", "UDP datagrams read from the socket.")
    package let kernelDrops = Counter(
        "engaged_udp_kernel_drops_total",
        "UDP datagrams the kernel threw away because the receive buffer was full.")
    package let receiveBuffer = Gauge(
        "engaged_udp_receive_buffer_bytes",
        "UDP receive buffer that the kernel gave; too small loses bursts.")
    package let openConnections = Gauge(
        "engaged_connections_open", "TCP and HTTP connections open now.")
    package let connections = Counter(
        "engaged_connections_total", "TCP and HTTP connections accepted since the start.")
    package let refusedConnections = Counter(
        "engaged_connections_refused_total",
        "Connections closed at once: limits.connections, limits.connections_per_address.")
    package let limitsReached = Counter(
        "engaged_limits_reached_total",
        "Times that a limit on senders refused, closed or held back, by its setting.",
        labels: [.init("limit", Limit.names)])
    package let refusedProxies = Counter(
        "engaged_proxy_headers_refused_total",
        "Connections of trusted proxies closed because they began with no sound PROXY header.")
    package let handshakes = Counter(
        "engaged_tls_handshakes_total", "TLS handshakes, by how they ended.",
        labels: [.init("outcome", HandshakeOutcome.allCases.map(\.name))])
    package let sealedConnections = Gauge(
        "engaged_tls_connections_open", "TCP and HTTP connections open now that speak TLS.")
    package let refusedPlain = Counter(
        "engaged_tls_plain_refused_total",
        "Connections closed because they didn't speak TLS, where tls.required wants it.")
    package let certificateExpiry = Gauge(
        "engaged_tls_certificate_expiry_timestamp_seconds",
        "When the first certificate of the chain expires, seconds since 1970 UTC; 0 without TLS.")
    package let acceptPauses = Counter(
        "engaged_accept_pauses_total",
        "Times that no connection could be accepted for want of descriptors or kernel memory.")
    package let intakeMemory = Gauge(
        "engaged_intake_memory_bytes",
        "Memory that senders make intake hold: large reads and lines, bodies, answers.")
    package let intakeMemoryLimit = Gauge(
        "engaged_intake_memory_limit_bytes",
        "What of memory_bytes is left for that; beyond it bodies get 503 and lines wait.")
    package let httpRequests = Counter(
        "engaged_http_requests_total", "HTTP requests answered, by class of status.",
        labels: [.init("status", ["1xx", "2xx", "3xx", "4xx", "5xx"])])
    package let linksRefused: Counter
    package let ackLatency = Histogram(
        "engaged_ack_latency_seconds",
        "From reading a batch's first line to its lines being durable and acknowledged.",
        boundsMicroseconds: Counters.latencyBoundsMicroseconds)

    // Journal.
    package let members = Counter(
        "engaged_journal_members_total", "Gzip members written to segments.")
    package let memberLines = Histogram(
        "engaged_journal_member_lines", "Lines that became durable with one sync.",
        bounds: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000])
    package let journalRetries = Counter(
        "engaged_journal_retries_total",
        "Times that the disk refused a write or sync, which was repeated in a new segment.")
    package let clockSteps = Counter(
        "engaged_clock_steps_total", "Times that the wall clock was stepped back by over a minute.")
    package let queuedBatches = Gauge(
        "engaged_journal_queue_batches", "Batches that wait for the disk.")
    package let queuedBytes = Gauge(
        "engaged_journal_queue_bytes", "Bytes of batches that wait for the disk.")
    package let segments = Gauge("engaged_journal_segments", "Segments in the data directory.")
    package let segmentBytes = Gauge(
        "engaged_journal_segment_bytes", "Size of all segments together.")
    package let rawBytes = Counter(
        "engaged_journal_raw_bytes_total", "Bytes of stored lines before compression.")
    package let storedBytes = Counter(
        "engaged_journal_stored_bytes_total", "Bytes written to segments.")
    package let syncs = Counter("engaged_journal_syncs_total", "Completed fdatasync calls.")
    package let syncLatency = Histogram(
        "engaged_journal_sync_seconds", "Duration of one fdatasync.",
        boundsMicroseconds: Counters.latencyBoundsMicroseconds)
    package let watermark = Gauge("engaged_watermark_seq", "Highest durable seq; 0 before any.")
    package let damages = Gauge(
        "engaged_journal_damages", "Damaged places known in the segments: run engaged verify.")

    // Roll-up.
    package let events: Counter
    package let machines: Counter
    package let appliedSeq = Gauge(
        "engaged_rollup_applied_seq", "Highest seq whose counters are in the ledger.")
    package let lagMilliseconds = Gauge(
        "engaged_rollup_lag_seconds",
        "Age of the oldest durable event that the ledger doesn't count yet.", scale: 1_000)
    package let applied = Counter(
        "engaged_rollup_applied_total", "Events folded into the ledger since the start.")
    package let duplicates = Counter(
        "engaged_rollup_duplicates_total", "Events not counted because their id was seen before.")
    package let flushLatency = Histogram(
        "engaged_rollup_flush_seconds", "Duration of one transaction that adds to the ledger.",
        boundsMicroseconds: Counters.latencyBoundsMicroseconds)
    package let flushRows = Histogram(
        "engaged_rollup_flush_rows", "Rows of the ledger that one transaction adds to.",
        bounds: [10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000])
    package let rollupTrouble = Gauge(
        "engaged_rollup_troubled",
        "1 while the ledger can't be written: events are safe, counters stand still.")
    package let idsBytes = Gauge(
        "engaged_rollup_ids_bytes", "Memory of the ids within the dedupe window.")
    package let erasures = Gauge(
        "engaged_erasures_pending",
        "Subjects whose erasure isn't finished; it takes seconds, unless something holds it up.")
    package let idsForgotten = Gauge(
        "engaged_rollup_ids_forgotten",
        "Retired events within the dedupe window whose ids are lost: repetitions of them count.")

    package let configuration = ConfigurationCounters()
    // Files. Looked at every ten seconds.
    package let ledgerBytes = Gauge("engaged_ledger_bytes", "Size of ledger.sqlite.")
    package let ledgerLogBytes = Gauge(
        "engaged_ledger_wal_bytes", "Size of the ledger's write-ahead log.")
    package let snapshots = Gauge("engaged_snapshots", "Copies of the ledger in snapshots/.")
    package let snapshotTime = Gauge(
        "engaged_snapshot_timestamp_seconds",
        "When the newest copy of the ledger was made, seconds since 1970; 0 without any.")
    package let summaryTime = Gauge(
        "engaged_summaries_timestamp_seconds",
        "When summary.sqlite was made, seconds since 1970; 0 without one.")
    package let upkeepFailures = Counter(
        "engaged_upkeep_failures_total",
        "Times that something the daemon does for its files failed; it is tried again.",
        labels: [.init("task", Chore.names)])
    package let recompacted = Counter(
        "engaged_recompacted_segments_total", "Old segments packed more tightly.")
    package let recompactionSaved = Counter(
        "engaged_recompaction_saved_bytes_total", "Bytes of disk that packing them has saved.")
    package let diskFree = Gauge(
        "engaged_disk_free_bytes", "Free space of the file system of the data directory.")
    package let diskLow = Gauge(
        "engaged_disk_low", "1 while events are refused because the disk is nearly full.")

    // The service.
    package let ready = Gauge("engaged_ready", "1 while events are taken and counted.")
    package let stuckThreads = Gauge(
        "engaged_stuck_threads", "Threads of an event's way on which nothing gets done any more.")
    package let recoveryTime = Gauge(
        "engaged_recovery_timestamp_seconds",
        "When this start's recovery was over, seconds since 1970.")
    package let recoveryDuration = Gauge(
        "engaged_recovery_seconds", "What this start's recovery and catching up took.",
        scale: 1_000)
    package let recoveryLines = Gauge(
        "engaged_recovery_lines", "Lines that this start counted before it took new ones.")
    package let recoverySegments = Gauge(
        "engaged_recovery_segments", "What this start's recovery did to segments.",
        label: .init("action", ["sealed", "cut", "removed"]))
    package let build: Info

    package let reasons: [String]
    package let types: [String]
    /// When the process started counting, seconds since 1970 UTC.
    package let startSeconds: Double

    private static let latencyBoundsMicroseconds: [UInt64] = [
        100, 250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 10_000_000,
    ]

    /// - Parameters:
    ///   - types: names of the event types, in the order of their indices.
    ///   - reasons: the reason codes, in the order of their indices.
    ///   - linkReasons: why signed links are refused, in the order of their indices.
    ///   - machines: classes of machines and reasons to take somebody for one, likewise.
    ///   - siteNames: names of the sites, each at the place of its number; it only grows.
    ///   - build: versions of what the binary consists of.
    package init(
        types: [String], reasons: [String], linkReasons: [String] = [],
        machines: (actors: [String], reasons: [String]) = ([], []),
        siteNames: @escaping @Sendable () -> [String] = { [] },
        build: [(name: String, value: String)] = []
    ) {
        self.build = Info(
            "engaged_build_info", "Versions of this daemon and of what it is built from.",
            labels: build)
        siteEvents = SiteCounter(
            "engaged_site_events_total", "Events admitted, by site and type.",
            label: .init("type", types), siteNames: siteNames)
        siteRejected = SiteCounter(
            "engaged_site_lines_rejected_total",
            "Lines refused, by site and reason code; (none): the key told no site.",
            label: .init("reason", reasons), siteNames: siteNames)
        self.types = types
        self.reasons = reasons
        startSeconds = wallSeconds()
        let transports = Counter.Label("transport", Transport.names)
        accepted = Counter(
            "engaged_events_accepted_total", "Events admitted, by transport.", labels: [transports])
        rejected = Counter(
            "engaged_lines_rejected_total", "Lines refused, by transport and reason code.",
            labels: [transports, .init("reason", reasons)])
        receivedBytes = Counter(
            "engaged_received_bytes_total", "Payload bytes read from sockets, by transport.",
            labels: [transports])
        linksRefused = Counter(
            "engaged_links_refused_total",
            "Signed links, and requests for some, that weren't taken.",
            labels: [.init("reason", linkReasons)])
        events = Counter(
            "engaged_events_total", "Events admitted, by type.", labels: [.init("type", types)])
        self.machines = Counter(
            "engaged_events_machine_total",
            "Events admitted that a machine did, by its class and the reason to take it for one.",
            labels: [.init("actor", machines.actors), .init("reason", machines.reasons)])
    }

    package func accepted(_ transport: Transport, _ count: Int) {
        accepted.add(count, at: transport.rawValue)
    }

    /// - Parameters:
    ///   - reason: index into the reason codes given at the start.
    ///   - site: number of the site that the sender's key belongs to; 0: of none, or of several.
    package func rejected(_ transport: Transport, reason: Int, _ count: Int = 1, site: Int = 0) {
        rejected.add(count, at: transport.rawValue, reason)
        siteRejected.add(count, site: site, at: reason)
    }

    package func failed(_ chore: Chore) { upkeepFailures.add(1, at: chore.rawValue) }

    package func received(_ transport: Transport, bytes: Int) {
        receivedBytes.add(bytes, at: transport.rawValue)
    }

    /// - Parameters: indices into the classes and reasons given at the start.
    package func counted(machine actor: Int, reason: Int, _ count: Int) {
        machines.add(count, at: actor, reason)
    }

    /// - Parameter type: index into the type names given at the start.
    package func counted(type: Int, _ count: Int) { events.add(count, at: type) }

    package func handshake(_ outcome: HandshakeOutcome) {
        handshakes.add(1, at: outcome.rawValue)
    }

    /// - Parameter status: the HTTP status code; codes outside 100...599 count as 5xx.
    package func answered(status: Int) {
        httpRequests.add(1, at: (100...599).contains(status) ? status / 100 - 1 : 4)
    }
}
