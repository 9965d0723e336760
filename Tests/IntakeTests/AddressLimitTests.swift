import Admission
import Intake
import Logging
import Senders
import Telemetry
import Testing

/// No address takes all places; told from the socket, so nobody can claim another.
@Suite struct AddressLimitTests {
    private func shared(_ most: Int, trusted: [String] = []) -> Shared {
        var limits = IntakeLimits()
        limits.connectionsPerAddress = most
        return Shared(
            sites: .init([]), proxies: Proxies(trusted.compactMap { Network($0) }), limits: limits,
            counters: Counters(), logger: Logger(label: "test"))
    }

    private func reached(_ shared: Shared) -> UInt64 {
        shared.counters.limitsReached.value(
            at: Limit.allCases.firstIndex(of: .connectionsPerAddress)!)
    }

    @Test(arguments: [
        ("203.0.113.7", "203.0.113.8"), ("2001:db8::1", "2001:db8:0:1::1"),
    ])
    func `an address has so many and others theirs, until one closes`(
        _ address: String, _ other: String
    ) throws {
        let shared = shared(2)
        let first = try #require(shared.enter(Address(address)))
        #expect(shared.enter(Address(address)) != nil)
        #expect(shared.enter(Address(address)) == nil)
        #expect(shared.counters.openConnections.value == 2)
        #expect(shared.counters.refusedConnections.total == 1 && reached(shared) == 1)
        #expect(shared.enter(Address(other)) != nil)
        shared.leave(first)
        #expect(shared.enter(Address(address)) != nil)
    }

    @Test func `a subscriber's whole network of IPv6 counts as one`() {
        let shared = shared(1)
        #expect(shared.enter(Address("2001:db8:1:2::1")) != nil)
        #expect(shared.enter(Address("2001:db8:1:2:ffff::9")) == nil)
        // As the socket of both kinds tells of IPv4.
        #expect(shared.enter(Address("::ffff:203.0.113.7")) != nil)
        #expect(shared.enter(Address("203.0.113.7")) == nil)
    }

    @Test(arguments: ["127.0.0.1", "127.9.9.9", "::1", "10.1.2.3"])
    func `this machine and trusted proxies aren't counted`(_ address: String) {
        let shared = shared(1, trusted: ["10.0.0.0/8"])
        for _ in 0..<5 { #expect(shared.enter(Address(address)) != nil) }
        #expect(shared.addresses == 0)
    }

    @Test func `0 is any number, and what has closed leaves nothing behind`() throws {
        let shared = shared(0)
        let entries = try (0..<500).map { i in
            try #require(shared.enter(Address(v4: 0x0808_0000 + UInt32(i % 50))))
        }
        #expect(shared.addresses == 50)
        for entry in entries { shared.leave(entry) }
        #expect(shared.addresses == 0 && shared.counters.openConnections.value == 0)
    }
}
