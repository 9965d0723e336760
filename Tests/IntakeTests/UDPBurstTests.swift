import Glibc
import Senders
import Testing

@testable import Intake

/// Many datagrams by one call to the kernel, each with its sender.
@Suite struct DatagramBurstTests {
    @Test(arguments: [("127.0.0.1", CInt(AF_INET)), ("::1", CInt(AF_INET6))])
    func `datagrams come in their order, with their bytes and whoever sent them`(
        host: String, family: CInt
    ) throws {
        let pair = try #require(DatagramPair(host, family))
        let burst = DatagramBurst()
        #expect(burst.receive(from: pair.receiver) == -Int(EAGAIN))
        let sent = (0..<DatagramBurst.capacity + 3).map { "datagram \($0)" }
        for text in sent { pair.send(Array(text.utf8)) }
        var received: [String] = []
        for expected in [DatagramBurst.capacity, 3] {
            #expect(burst.receive(from: pair.receiver) == expected)
            for i in 0..<expected {
                received.append(String(decoding: burst[i], as: UTF8.self))
                #expect(burst.sender(i) == Address(host))
            }
        }
        #expect(received == sent)
        #expect(burst.receive(from: pair.receiver) == -Int(EAGAIN))
    }

    @Test func `an IPv4 sender at a socket for both is known by its address`() throws {
        let pair = try #require(DatagramPair("::ffff:127.0.0.1", AF_INET6))
        let burst = DatagramBurst()
        pair.send([1])
        #expect(burst.receive(from: pair.receiver) == 1)
        #expect(burst.sender(0) == Address("127.0.0.1"))
        #expect(burst.sender(0)?.isLoopback == true)
    }

    @Test func `an empty datagram is one, and a short one after a long one has its own length`()
        throws
    {
        let pair = try #require(DatagramPair("127.0.0.1", AF_INET))
        let burst = DatagramBurst()
        let long = [UInt8](repeating: 7, count: 65_507)
        for bytes in [long, [], [1, 2]] {
            pair.send(bytes)
            #expect(burst.receive(from: pair.receiver) == 1)
            #expect(Array(burst[0]) == bytes)
        }
    }

    @Test func `what no IPv4 datagram can hold is cut one byte after that`() throws {
        let pair = try #require(DatagramPair("::1", AF_INET6))
        let burst = DatagramBurst()
        pair.send([UInt8](repeating: 7, count: 65_520))
        #expect(burst.receive(from: pair.receiver) == 1)
        #expect(burst[0].count == DatagramBurst.largest)
    }

    @Test func `what is no socket says so`() {
        #expect(DatagramBurst().receive(from: -1) == -Int(EBADF))
        #expect(SocketMemory(of: -1) == nil)
    }
}

/// One socket bound to an address of this machine, another one connected to it.
private final class DatagramPair {
    let receiver: CInt
    private let sender: CInt

    /// nil where the machine hasn't that kind of address.
    init?(_ host: String, _ family: CInt) {
        var name = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        name.ss_family = sa_family_t(family)
        // The address stands at byte 4 of a sockaddr_in and at byte 8 of a sockaddr_in6.
        _ = withUnsafeMutableBytes(of: &name) {
            inet_pton(family, host, $0.baseAddress! + (family == AF_INET ? 4 : 8))
        }
        receiver = socket(family, CInt(SOCK_DGRAM.rawValue), 0)
        sender = socket(family, CInt(SOCK_DGRAM.rawValue), 0)
        let isJoined = withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(receiver, $0, size) == 0 && getsockname(receiver, $0, &size) == 0
                    && connect(sender, $0, size) == 0
            }
        }
        guard isJoined else { return nil }
    }

    deinit {
        close(receiver)
        close(sender)
    }

    func send(_ bytes: [UInt8]) { _ = Glibc.send(sender, bytes, bytes.count, 0) }
}
