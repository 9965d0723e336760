extension Setting {
    /// Every setting but the sites, in the order of the example file and of schemas/settings.md.
    package static let all: [Setting] = [
        Setting(
            key: "data", allowed: "a directory",
            set: { text, settings in
                settings.dataDirectory = text
                return nil
            },
            show: { $0.dataDirectory }),
        .address(
            "listen", example: "127.0.0.1:3643", show: { $0.listen.description },
            set: { address, settings in settings.listen = address }),
        .adminAddress,
        .adminToken,
        Setting(
            key: "log_level", allowed: LogLevelName.allCases.map(\.rawValue).joined(separator: " "),
            set: { text, settings in
                guard let level = LogLevelName(rawValue: text.lowercased()) else {
                    let names = LogLevelName.allCases.map(\.rawValue)
                    return Wrong(
                        problem: "\"\(text)\" is no log level",
                        remedy: "write one of \(names.joined(separator: ", "))")
                }
                settings.logLevel = level
                return nil
            },
            show: { $0.logLevel.rawValue }
        ).live,
        .number("lanes", .lanes, 0...256, \.lanes),
        .number("memory_bytes", .bytes, 268_435_456...1_099_511_627_776, \.memoryBytes),

        .number("limits.line_bytes", .bytes, 1_024...65_536, \.limits.lineBytes).live,
        .number("limits.datagram_bytes", .bytes, 512...65_507, \.limits.datagramBytes).live,
        .number("limits.body_bytes", .bytes, 1_024...67_108_864, \.limits.bodyBytes).live,
        .number(
            "limits.inflated_body_bytes", .bytes, 1_024...268_435_456, \.limits.inflatedBodyBytes
        ).live,
        .number("limits.inflate_ratio", .times, 0...1_000_000, \.limits.inflateRatio).live,
        .number("limits.header_bytes", .bytes, 1_024...81_920, \.limits.headerBytes).live,
        .number("limits.connections", .connections, 1...1_000_000, \.limits.connections).live,
        .number(
            "limits.connections_per_address", .connections, 0...1_000_000,
            \.limits.connectionsPerAddress
        ).live,
        .number(
            "limits.requests_per_connection", .requests, 0...1_000_000_000,
            \.limits.requestsPerConnection
        ).live,
        .number("limits.rate_burst_seconds", .seconds, 1...3_600, \.limits.rateBurstSeconds).live,
        .number("limits.idle_timeout_seconds", .seconds, 1...86_400, \.limits.idleTimeoutSeconds)
            .live,
        .number(
            "limits.request_timeout_seconds", .seconds, 1...3_600, \.limits.requestTimeoutSeconds
        ).live,

        .networks("trusted_proxies", \.proxies.trusted).live,
        .choice("proxy_header", \.proxies.header).live,
        .flag("proxy_protocol", \.proxies.speakProtocol).live,

        .certificateFile,
        .certificateKeyFile,
        .choice("tls.minimum", \.tls.minimum),
        .flag("tls.required", \.tls.required),

        .number("machines.delivery_seconds", .seconds, 0...3_600, \.machines.deliverySeconds).live,
        .number("machines.links", .links, 0...5, \.machines.links).live,
        .number("machines.links_seconds", .seconds, 1...3_600, \.machines.linksSeconds).live,
        .number("machines.honeypot_seconds", .seconds, 0...86_400, \.machines.honeypotSeconds).live,
        .flag("machines.servers", \.machines.servers).live,
        .number("machines.burst_events", .events, 0...1_000_000_000, \.machines.burstEvents).live,
        .number("machines.burst_seconds", .seconds, 1...3_600, \.machines.burstSeconds).live,

        .number(
            "udp.receive_buffer_bytes", .bytes, 65_536...1_073_741_824, \.udpReceiveBufferBytes),

        .number(
            "journal.linger_milliseconds", .milliseconds, 0...1_000, \.journal.lingerMilliseconds),
        .number("journal.queue_bytes", .bytes, 1_048_576...4_294_967_296, \.journal.queueBytes),
        .number("journal.segment_bytes", .bytes, 1_048_576...1_073_741_824, \.journal.segmentBytes),
        .number("journal.segment_age_seconds", .seconds, 1...86_400, \.journal.segmentAgeSeconds),

        .number("rollup.flush_milliseconds", .milliseconds, 50...1_800, \.rollup.flushMilliseconds),
        .number("rollup.dedupe_window", .seqs, 1_000...100_000_000, \.rollup.dedupeWindow),
        .number("rollup.queue_bytes", .bytes, 1_048_576...4_294_967_296, \.rollup.queueBytes),

        .number("retention.days", .days, 0...36_500, \.keeping.days).live,
        .number("retention.bytes", .bytes, 0...1_125_899_906_842_624, \.keeping.bytes).live,
        .number("snapshots.kept", .snapshots, 1...100, \.keeping.snapshots).live,
        .number("snapshots.minutes", .minutes, 1...525_600, \.keeping.snapshotMinutes).live,
        .number("summaries.minutes", .minutes, 0...525_600, \.keeping.summaryMinutes).live,
        .number(
            "scrub.bytes_per_second", .bytes, 0...1_073_741_824, \.keeping.scrubBytesPerSecond
        ).live,
        .number("recompaction.percent", .percent, 0...100, \.keeping.recompactionPercent).live,
        .number("recompaction.after_hours", .hours, 0...876_000, \.keeping.recompactionHours).live,
        .number(
            "quarantine.folder_bytes", .bytes, 1_048_576...1_099_511_627_776,
            \.keeping.quarantineBytes),
        Setting(
            key: "links.address", allowed: "an http or https address, or listen",
            set: { text, settings in
                guard text == "listen" || SiteReader.isServiceAddress(text) else {
                    return Wrong(
                        problem: "\"\(text)\" is no address of a service",
                        remedy:
                            "write scheme and host without a slash at the end, such as https://news.example"
                    )
                }
                settings.links.address = text == "listen" ? nil : text
                return nil
            },
            show: { $0.links.address ?? "listen" }
        ).live,
        Setting(
            key: "links.key_file", allowed: "a file",
            set: { text, settings in
                settings.links.keyFile = text
                return nil
            },
            show: { $0.links.keyFile }
        ).live,
        .number("rejected.folder_bytes", .bytes, 0...1_073_741_824, \.rejectedFolderBytes),
    ]

    /// The settings of one site, below `sites.<name>.`; a reload puts them all in force, and sites that
    /// come or go.
    package static let siteKeys = [
        "key", "keys", "browser_key", "origins", "by_origin", "open", "signers",
        "anonymous_visitors", "events_per_second", "browser_events_per_second",
    ]
}
