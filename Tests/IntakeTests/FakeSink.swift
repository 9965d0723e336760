import Admission
import Engagement
import Glibc
import Intake
import Logging
import Senders
import Synchronization
import Telemetry

/// A sink in place of the journal: settles at once, or holds batches until it is told.
final class FakeSink: BatchSink {
    private struct State: @unchecked Sendable {
        var held: [Batch] = []
        var isHolding = false
        var lines: [String] = []
        var prefixes: [String] = []
    }
    private let state = Mutex(State())
    private let congested = Atomic<Bool>(false)
    private let low = Atomic<Bool>(false)

    var isCongested: Bool { congested.load(ordering: .relaxed) }
    var isDiskLow: Bool { low.load(ordering: .relaxed) }
    func set(congested value: Bool) { congested.store(value, ordering: .relaxed) }
    func set(diskLow value: Bool) { low.store(value, ordering: .relaxed) }

    /// What was admitted, as the client's part of each line.
    var lines: [String] { state.withLock { $0.lines } }

    /// What the server put in front of each.
    var prefixes: [String] { state.withLock { $0.prefixes } }

    func submit(_ batch: Batch) {
        let settles = state.withLock { state in
            for i in 0..<batch.lineCount {
                let line = batch.lines[i]
                state.prefixes.append(
                    String(
                        decoding: UnsafeRawBufferPointer(
                            start: batch.bytes + Int(line.prefixOffset),
                            count: Int(line.prefixLength)), as: UTF8.self))
                state.lines.append(
                    String(
                        decoding: UnsafeRawBufferPointer(
                            start: batch.bytes + Int(line.offset), count: Int(line.length)),
                        as: UTF8.self))
            }
            if state.isHolding { state.held.append(batch) }
            return !state.isHolding
        }
        if settles { batch.settled?(batch, true) }
    }

    /// Batches that were handed over and haven't settled.
    var heldBatches: Int { state.withLock { $0.held.count } }

    func hold() { state.withLock { $0.isHolding = true } }

    /// - Parameter durable: false: as a journal does that gives up.
    func letGo(durable: Bool = true) {
        let held = state.withLock { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        for batch in held { batch.settled?(batch, durable) }
    }
}

/// Lines that were refused, as they would lie in the folder.
final class KeptRefusals: RejectionKeeper {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }

    func keep(reason: String, detail: String, via: String, line: UnsafeBufferPointer<UInt8>) {
        kept.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
    }
}

/// A server on a free port of loopback with one open site `default` and one with a key.
final class TestServer: Sendable {
    let server: Server
    let sink = FakeSink()
    let refused = KeptRefusals()
    let counters = Counters()
    let suppression = Suppression()
    let shared: Shared

    static let sites = [
        Site(name: "default", isOpen: true),
        Site(name: "shop", keys: ["the-key-of-the-shop"], origins: ["https://shop.example"]),
    ]

    init(
        sites: [Site] = sites, proxies: Proxies = Proxies(), links: LinkDesk = LinkDesk(),
        inherited: InheritedSockets? = nil, tls: TLSDoor? = nil,
        _ change: (inout IntakeLimits) -> Void = { _ in }
    ) async throws {
        var limits = IntakeLimits()
        limits.udpReceiveBufferBytes = 65_536
        change(&limits)
        let shared = Shared(
            sites: SiteBook(sites), proxies: proxies, limits: limits, counters: counters,
            logger: Logger(label: "test"), links: links, tls: tls)
        self.shared = shared
        let pool = BatchPool()
        server = try await Server.start(
            host: "127.0.0.1", port: 0, laneCount: 1, shared: shared, inherited: inherited
        ) { [sink, refused, counters, suppression] loop in
            Lane(
                loop: loop,
                admission: Admission(
                    suppression: suppression, maximumLineBytes: limits.lineBytes),
                sink: sink, pool: pool, keeper: refused, counters: counters, lingerMilliseconds: 5)
        }
    }

    func client(receiveBuffer: Int32? = nil) -> Client {
        Client(port: server.port, receiveBuffer: receiveBuffer)
    }

    func stop() async {
        await server.stopReading()
        await server.close()
    }

    func rejected(_ transport: Transport, _ reason: Reason) -> UInt64 {
        counters.rejected.value(at: transport.rawValue, reason.index)
    }
}

/// A blocking TCP or UDP client, as plain as `nc`.
final class Client: @unchecked Sendable {
    private let descriptor: Int32

    init(port: Int, datagram: Bool = false, receiveBuffer: Int32? = nil) {
        descriptor = socket(
            AF_INET, Int32(datagram ? SOCK_DGRAM.rawValue : SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        if var size = receiveBuffer {
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { close(descriptor) }

    /// False: the server has closed.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var at = 0
        while at < bytes.count {
            let n = bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor, $0.baseAddress! + at, bytes.count - at, Int32(MSG_NOSIGNAL))
            }
            if n <= 0 { return false }
            at += n
        }
        return true
    }

    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Everything until the server closes (or ten seconds of silence).
    func readAll() -> String { String(decoding: readAllBytes(), as: UTF8.self) }

    func readAllBytes() -> [UInt8] {
        var out: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let n = recv(descriptor, &chunk, chunk.count, 0)
            if n <= 0 { break }
            out += chunk[0..<n]
        }
        return out
    }

    /// Reads and forgets until the server closes.
    func discard() {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while recv(descriptor, &chunk, chunk.count, 0) > 0 {}
    }

    /// Reads until the text has come.
    func read(until mark: String) -> String {
        var out: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while !String(decoding: out, as: UTF8.self).contains(mark) {
            let n = recv(descriptor, &chunk, chunk.count, 0)
            if n <= 0 { break }
            out += chunk[0..<n]
        }
        return String(decoding: out, as: UTF8.self)
    }
}

/// The value once it has begun to grow and then stood still for a while.
func settled(_ value: () -> UInt64) async throws -> UInt64 {
    var (last, same) = (UInt64(0), 0)
    for _ in 0..<1_000 where same < 4 {
        try await Task.sleep(for: .milliseconds(50))
        let now = value()
        same = now == last && now > 0 ? same + 1 : 0
        last = now
    }
    return last
}

/// Looks again and again, for a minute at least: what holds at last holds sooner on a machine with time.
func eventually(_ holds: () -> Bool) async throws -> Bool {
    for _ in 0..<6_000 {
        if holds() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
