import Senders
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("::ffff:127.0.0.1", true),
        ("128.0.0.1", false), ("::2", false), ("192.168.0.1", false), ("::", false),
    ])
    func `loopback is known in each of its spellings`(text: String, isLoopback: Bool) throws {
        #expect(try #require(Address(text)).isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", " 1.2.3.4", "01.2.3.4",
        "0x7f.0.0.1",
        "127.1", ":::", "1::2::3", "fe80::1%eth0", "[::1]", "1.2.3.4:80", "localhost", "::1\0",
        String(repeating: "1", count: 5_000),
    ])
    func `what is no plain address is none`(text: String) { #expect(Address(text) == nil) }

    @Test func `an address is truncated to its network, both kinds`() throws {
        #expect(Address("198.51.100.77")?.truncated == Address("198.51.100.0"))
        #expect(Address("2001:db8:1:2:3:4:5:6")?.truncated == Address("2001:db8:1::"))
        #expect(Address("198.51.100.77")?.truncated != Address("198.51.101.77")?.truncated)
    }

    @Test(arguments: [
        ("8.8.8.8", true), ("2a00:1450::5", true), ("10.1.2.3", false), ("172.31.0.1", false),
        ("172.32.0.1", true), ("192.168.9.9", false), ("100.64.0.1", false), ("169.254.1.1", false),
        ("::1", false), ("fd00::1", false), ("fe80::1", false), ("255.255.255.255", false),
        ("127.0.0.1", false),
    ])
    func `private networks aren't public`(text: String, isPublic: Bool) throws {
        #expect(try #require(Address(text)).isPublic == isPublic)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.4", false),
        ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("::/0", "2001:db8::1", true), ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::", false), ("2001:db8::/65", "2001:db8::7fff:0:0:1", true),
        ("2001:db8::/65", "2001:db8::8000:0:0:1", false), ("10.0.0.0/8", "::ffff:10.9.9.9", true),
    ])
    func `a network holds its addresses and no other`(
        network: String, address: String, holds: Bool
    ) throws {
        let found = try #require(Network(network)).contains(try #require(Address(address)))
        #expect(found == holds)
    }

    @Test(arguments: [
        "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/", "/8",
        "2001:db8::/129",
        "2001:db8::1/32", "10.0.0.0/8/8", "all", "",
    ])
    func `a network with bits behind its prefix, or none at all, is refused`(text: String) {
        #expect(Network(text) == nil)
    }
}
