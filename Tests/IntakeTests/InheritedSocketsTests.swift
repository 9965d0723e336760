import Glibc
import Intake
import Testing

/// Sockets that a service manager made: where they are bound is where the daemon listens.
@Suite(.serialized, .timeLimit(.minutes(20)))
struct InheritedSocketsTests {
    @Test func `a server on inherited sockets takes lines by both, and leaves them open behind it`()
        async throws
    {
        let pair = BoundPair()
        let sockets = try #require(try pair.take())
        #expect(sockets.host == "127.0.0.1")
        #expect(sockets.port == pair.port)
        // One copy stays with whoever holds them.
        let held = dup(sockets.stream)
        let server = try await TestServer(inherited: sockets)
        #expect(server.server.port == pair.port)
        Client(port: pair.port, datagram: true).send("{\"type\":\"click\"}")
        let client = server.client()
        client.send("{\"type\":\"lead\"}\n")
        #expect(try await eventually { server.sink.lines.count == 2 })
        await server.stop()
        // It still listens: nobody is refused.
        let late = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #expect(pair.connect(late) == 0)
        close(late)
        close(held)
    }

    @Test func `a receive buffer larger than the process could get stays as it is`() async throws {
        let pair = BoundPair()
        let sockets = try #require(try pair.take())
        var before: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(sockets.datagram, SOL_SOCKET, SO_RCVBUF, &before, &size)
        let server = try await TestServer(inherited: sockets) { $0.udpReceiveBufferBytes = 4_096 }
        var after: CInt = 0
        getsockopt(sockets.datagram, SOL_SOCKET, SO_RCVBUF, &after, &size)
        #expect(after == before)
        await server.stop()
    }

    @Test(arguments: [
        [:], ["LISTEN_FDS": "2"], ["LISTEN_PID": "1", "LISTEN_FDS": "2"],
        ["LISTEN_PID": "\(getpid())"], ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "0"],
        ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "two"],
        ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "-1"],
    ])
    func `what isn't for this process isn't taken`(environment: [String: String]) throws {
        let sockets = try InheritedSockets.take(environment, first: 1_000)
        #expect(sockets?.port == nil)
    }

    @Test
    func `anything but one listening stream and one datagram socket on one address is refused`()
        throws
    {
        func refusal(_ count: Int, _ first: CInt) -> String {
            do {
                _ = try InheritedSockets.take(
                    ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "\(count)"], first: first)
                return "taken"
            } catch { return "\(error)" }
        }
        // Above any number that this process may open meanwhile.
        let nobodys: CInt = 1 << 30
        #expect(
            refusal(1, nobodys) == "1 sockets were handed over, not one for TCP and one for UDP")
        #expect(refusal(2, nobodys) == "descriptor \(nobodys) is no socket")
        #expect(
            BoundPair(datagramHost: "127.0.0.2").refusal().contains("both must be the same"))
        #expect(BoundPair(listens: false).refusal().contains("doesn't listen"))
        #expect(
            BoundPair(twice: true).refusal() == "not one for TCP and one for UDP was handed over")
    }
}

/// A stream and a datagram socket on one free port, at two numbers that follow each other.
private final class BoundPair {
    let port: Int
    let first: CInt

    init(datagramHost: String = "127.0.0.1", listens: Bool = true, twice: Bool = false) {
        var made: (CInt, CInt, Int) = (-1, -1, 0)
        // The port that is free for TCP may be taken for UDP.
        for _ in 0..<100 {
            let stream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let datagram = socket(
                AF_INET, Int32(twice ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue), 0)
            guard Self.bind(stream, "127.0.0.1", 0) == 0 else { continue }
            if listens { listen(stream, 16) }
            let port = Self.port(stream)
            if Self.bind(datagram, datagramHost, twice ? 0 : port) == 0 {
                if twice { listen(datagram, 16) }
                made = (stream, datagram, port)
                break
            }
            close(stream)
            close(datagram)
        }
        // Where nobody else's numbers are.
        let free = (900..<1_020).first {
            fcntl(CInt($0), F_GETFD) < 0 && fcntl(CInt($0 + 1), F_GETFD) < 0
        }
        first = CInt(free ?? 900)
        dup2(made.0, first)
        dup2(made.1, first + 1)
        close(made.0)
        close(made.1)
        port = made.2
    }

    func take() throws -> InheritedSockets? {
        try InheritedSockets.take(
            ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "2"], first: first)
    }

    /// What is wrong with them; closes them.
    func refusal() -> String {
        defer {
            close(first)
            close(first + 1)
        }
        do {
            _ = try take()
            return "taken"
        } catch { return "\(error)" }
    }

    func connect(_ socket: CInt) -> CInt {
        Self.with("127.0.0.1", port) { Glibc.connect(socket, $0, $1) }
    }

    private static func bind(_ socket: CInt, _ host: String, _ port: Int) -> CInt {
        with(host, port) { Glibc.bind(socket, $0, $1) }
    }

    private static func with(
        _ host: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func port(_ socket: CInt) -> Int {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}
