import Glibc
import Logging
import Reports
import Synchronization
import Telemetry
import Testing

@Suite(.timeLimit(.minutes(20))) struct AdminServerTests {
    /// Runs a server on a port of the kernel's choice around `body`.
    private func withServer(
        health: @escaping @Sendable () -> [String] = { [] },
        at address: AdminServer.Address = .network(host: "127.0.0.1", port: 0),
        token: String? = nil, asking given: String? = nil,
        readiness: @escaping @Sendable () -> AdminServer.Readiness = { .ready },
        _ body: (StatusClient, Counters) async throws -> Void
    ) async throws {
        let counters = Counters(types: ["page_view"], reasons: ["too_large", "unknown_key"])
        let server = AdminServer(
            address: address, token: token, counters: counters, logger: Logger(label: "test"),
            measure: { counters.lagMilliseconds.set(250) },
            status: {
                Status(
                    counters: counters, version: "1.2.3", state: "ready", dataDirectory: "/data",
                    listen: "127.0.0.1:3643")
            }, health: health, readiness: readiness)
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let running = Task { try await server.run { listening.yield($0) } }
        var port = 0
        for await value in ports {
            port = value
            break
        }
        do {
            var address = address
            if case .network(let host, _) = address { address = .network(host: host, port: port) }
            try await body(StatusClient(address, token: given, timeoutSeconds: 50), counters)
        } catch {
            running.cancel()
            throw error
        }
        running.cancel()
        _ = await running.result
    }

    @Test func `metrics show what was counted`() async throws {
        try await withServer { client, counters in
            counters.accepted(.udp, 42)
            let answer = try await client.get("/metrics")
            let page = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.status == 200)
            #expect(page.contains("engaged_events_accepted_total{transport=\"udp\"} 42\n"))
            #expect(page.contains("process_resident_memory_bytes "))
            // Gauges are of the moment of the scrape, not of the last second's.
            #expect(page.contains("engaged_rollup_lag_seconds 0.25\n"))
        }
    }

    @Test func `health names what is stuck`() async throws {
        try await withServer(health: { ["the journal", "the roll-up"] }) { client, _ in
            let answer = try await client.get("/healthz")
            #expect(answer.status == 503)
            #expect(
                String(decoding: answer.body, as: UTF8.self) == "stuck: the journal, the roll-up\n")
        }
    }

    @Test func `health is about the process, readiness about taking events`() async throws {
        try await withServer(readiness: { .notReady("catching up") }) { client, _ in
            let health = try await client.get("/healthz").status
            #expect(health == 200)
            let answer = try await client.get("/readyz")
            #expect(answer.status == 503)
            #expect(String(decoding: answer.body, as: UTF8.self) == "not ready: catching up\n")
        }
        try await withServer { client, _ in
            let ready = try await client.get("/readyz").status
            #expect(ready == 200)
        }
    }

    @Test func `the status comes back as it was sent`() async throws {
        try await withServer { client, counters in
            counters.accepted(.tcp, 5)
            counters.rejected(.http, reason: 1, 2)
            counters.watermark.set(5)
            counters.ackLatency.observe(nanoseconds: 3_000_000, count: 5)
            let status = try await client.status()
            #expect(status.version == "1.2.3")
            #expect(status.accepted == ["udp": 0, "tcp": 5, "http": 0])
            #expect(status.rejected == ["unknown_key": 2])
            #expect(status.watermarkSeq == 5)
            #expect(status.ackSeconds?.p99 == 0.005)
            #expect(status.syncSeconds == nil)
            #expect(status.text.contains("rejected     unknown_key 2\n"))
        }
    }

    @Test func `any other path is not found, and the root says what there is`() async throws {
        try await withServer { client, _ in
            let nothing = try await client.get("/nothing").status
            #expect(nothing == 404)
            let index = try await client.get("/").body
            #expect(String(decoding: index, as: UTF8.self).contains("/readyz"))
        }
    }

    private static let token = "the-secret-of-monitoring"

    @Test(arguments: [
        nil, "", "the-secret-of-monitorinG", "the-secret-of-monitoring-", "the-secret-of-monitorin",
        "the-secret-of-monitoringthe-secret-of-monitoring",
    ])
    func `without the token there is nothing but that the process lives`(given: String?)
        async throws
    {
        try await withServer(token: Self.token, asking: given) { client, _ in
            for path in ["/", "/metrics", "/readyz", "/status", "/nothing", "/healthz/"] {
                let answer = try await client.get(path)
                #expect(answer.status == 401, "\(path)")
                #expect(String(decoding: answer.body, as: UTF8.self) == "admin_token is required\n")
            }
            let health = try await client.get("/healthz").status
            #expect(health == 200)
            await #expect(throws: StatusClient.Failure.unauthorized) { try await client.status() }
        }
    }

    @Test func `with the token there is everything`() async throws {
        try await withServer(token: Self.token, asking: Self.token) { client, _ in
            let version = try await client.status().version
            #expect(version == "1.2.3")
            for path in ["/", "/metrics", "/readyz"] {
                let status = try await client.get(path).status
                #expect(status == 200, "\(path)")
            }
        }
    }

    @Test func `a socket file is for its owner and group, and goes with the server`() async throws {
        let path = "/tmp/engaged-admin-\(UInt32.random(in: 0 ... .max))"
        for _ in 0..<2 {
            try await withServer(at: .unix(path)) { client, _ in
                let ready = try await client.get("/readyz").status
                #expect(ready == 200)
                var facts = stat()
                #expect(lstat(path, &facts) == 0 && facts.st_mode == S_IFSOCK | 0o660)
            }
            #expect(access(path, F_OK) != 0)
            // What a killed process leaves behind doesn't keep the next one out.
            leaveSocket(at: path)
            #expect(access(path, F_OK) == 0)
        }
        unlink(path)
    }

    @Test func `a socket file that somebody listens on is left to him`() async throws {
        let path = "/tmp/engaged-admin-\(UInt32.random(in: 0 ... .max))"
        try await withServer(at: .unix(path)) { client, counters in
            let second = AdminServer(
                address: .unix(path), counters: counters, logger: Logger(label: "test"),
                status: {
                    Status(
                        counters: counters, version: "", state: "", dataDirectory: "", listen: "")
                }, readiness: { .ready })
            await #expect(throws: (any Error).self) { try await second.run() }
            let ready = try await client.get("/readyz").status
            #expect(ready == 200)
        }
    }

    private func leaveSocket(at path: String) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        close(descriptor)
    }

    @Test func `the client says when nobody listens`() async throws {
        // Port 1 is reserved and nothing on a test machine has it.
        await #expect(throws: StatusClient.Failure.unreachable("Connection refused")) {
            try await StatusClient(.network(host: "127.0.0.1", port: 1)).get("/status")
        }
    }
}

@Suite struct StatusTests {
    let counters = Counters(types: ["page_view"], reasons: ["too_large"])

    @Test func `a status survives JSON and reads well`() throws {
        counters.accepted(.tcp, 1_234_567)
        counters.watermark.set(1_234_567)
        counters.appliedSeq.set(1_234_000)
        counters.lagMilliseconds.set(500)
        counters.rawBytes.add(4_000_000)
        counters.storedBytes.add(1_000_000)
        let status = Status(
            counters: counters, version: "1.0.0", state: "ready", dataDirectory: "./engaged-data",
            listen: "127.0.0.1:3643", eventsPerSecond: 1_500,
            nowSeconds: counters.startSeconds + 3_725)
        #expect(try Status(json: Array(status.json.utf8)) == status)
        let text = status.text
        #expect(text.contains("up           1 h 2 min\n"))
        #expect(text.contains("accepted     1,234,567 (http 0, tcp 1,234,567, udp 0)\n"))
        #expect(text.contains("rejected     0\n"))
        #expect(text.contains("durable      seq 1234567, 1,500/s\n"))
        #expect(text.contains("counted      seq 1234000, 567 events and 0.5 s behind\n"))
        #expect(text.contains("written      976.6 KiB on disk for 3.8 MiB of lines (4.0:1)\n"))
    }

    @Test func `a status tells of the files, and of troubles with what to do`() {
        let now = counters.startSeconds + 60
        counters.diskFree.set(3 << 30)
        counters.segments.set(2)
        counters.segmentBytes.set(5 << 20)
        counters.ledgerBytes.set(1 << 20)
        counters.snapshotTime.set(Int(now) - 7_200)
        counters.kernelDrops.add(1_200)
        counters.failed(.snapshot)
        let text = Status(
            counters: counters, version: "1.0.0", state: "ready", dataDirectory: "/data",
            listen: "127.0.0.1:3643", nowSeconds: now
        ).text
        #expect(text.contains("disk         3.0 GiB free\n"))
        #expect(text.contains("segments     2, 5.0 MiB\n"))
        #expect(text.contains("ledger       1.0 MiB, and 0 bytes of write-ahead log\n"))
        #expect(text.contains("snapshot     2 h 0 min ago\n"))
        #expect(text.contains("summary      none yet\n"))
        #expect(text.contains("trouble      1,200 datagrams lost by the kernel: raise net.core"))
        #expect(text.contains("trouble      snapshot failed (1): see the log\n"))
    }

    @Test func `a status of a daemon that tells less can be read`() throws {
        let status = Status(
            counters: counters, version: "1.0.0", state: "ready", dataDirectory: "/data",
            listen: "127.0.0.1:3643")
        var less = status
        (less.files, less.troubles, less.eventsPerSecond) = (nil, nil, nil)
        #expect(try Status(json: Array(less.json.utf8)) == less)
        #expect(!less.json.contains("files"))
        #expect(!less.text.contains("snapshot"))
    }
}
