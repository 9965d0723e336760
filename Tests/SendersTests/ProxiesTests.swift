import Senders
import TestSupport
import Testing

@Suite struct ProxiesTests {
    static let networks = ["127.0.0.1", "10.0.0.0/8", "2001:db8:ffff::/48"].compactMap {
        Network($0)
    }

    private func client(
        _ peer: String, _ headers: [String: [String]] = [:],
        _ header: ForwardedChain.Header = .xForwardedFor
    ) -> Client {
        client(Proxies(Self.networks, header: header), peer, headers)
    }

    private func client(
        _ proxies: Proxies, _ peer: String, _ headers: [String: [String]] = [:]
    ) -> Client {
        proxies.client(
            behind: Address(peer), isPassedOn: Proxies.signs.contains { headers[$0] != nil }
        ) { headers[$0] ?? [] }
    }

    static let chains: [([String], String?)] = [
        (["203.0.113.7"], "203.0.113.7"),
        // What a client claims stands at the left of what the proxy saw.
        (["127.0.0.1, 203.0.113.7"], "203.0.113.7"),
        (["203.0.113.7, 10.1.1.1, 10.2.2.2"], "203.0.113.7"),
        (["1.1.1.1, 203.0.113.7,10.1.1.1"], "203.0.113.7"),
        (["1.1.1.1", "203.0.113.7", "10.1.1.1"], "203.0.113.7"),
        (["203.0.113.7:4711"], "203.0.113.7"), (["[2001:db8::5]:4711"], "2001:db8::5"),
        (["2001:db8::5"], "2001:db8::5"), (["[2001:db8::5]"], "2001:db8::5"),
        // All are the operator's own: the farthest of them.
        (["10.9.9.9, 10.1.1.1"], "10.9.9.9"),
        // Nothing can be known behind what can't be read.
        (["203.0.113.7, unknown"], nil), (["203.0.113.7, "], nil), ([""], nil), (["_hidden"], nil),
        (["203.0.113.7, 10.1.1.1:x y"], nil), (["[203.0.113.7]"], nil), ([], nil),
        // This header knows no quotes: a client's doesn't hide what the proxy adds.
        (["\", 203.0.113.7"], "203.0.113.7"), (["\"\\, 203.0.113.7, 10.1.1.1"], "203.0.113.7"),
    ]

    @Test(arguments: chains)
    func `the client is the rightmost address that isn't a proxy's`(
        values: [String], expected: String?
    ) {
        let found = client("127.0.0.1", ["x-forwarded-for": values])
        #expect(found == Client(address: expected.flatMap { Address($0) }, isHere: false))
    }

    static let forwarded: [([String], String?)] = [
        (["for=203.0.113.7"], "203.0.113.7"),
        (["For=\"203.0.113.7:80\";proto=https"], "203.0.113.7"),
        (["proto=http;by=10.0.0.1; for=\"[2001:db8::5]:4711\""], "2001:db8::5"),
        (["for=127.0.0.1, for=203.0.113.7, for=10.1.1.1"], "203.0.113.7"),
        (["for=1.1.1.1", "for=203.0.113.7"], "203.0.113.7"),
        (["for=1.1.1.1;host=\"a,b;for=9.9.9.9\", for=203.0.113.7;x=\"\\\",\\\"\""], "203.0.113.7"),
        (["for=\"\\2\\0\\3.0.113.7\""], "203.0.113.7"),
        (["for=unknown"], nil), (["for=_gazonk"], nil), (["proto=https"], nil), (["for="], nil),
        (["for=203.0.113.7;for=127.0.0.1"], nil), (["for=\"203.0.113.7"], nil),
        (["203.0.113.7"], nil), (["for=203.0.113.7\""], nil),
        // Nor does a quote that a client leaves open.
        (["for=\", for=203.0.113.7"], "203.0.113.7"),
        (["for=\"x, for=\"[2001:db8::5]:80\";proto=https"], "2001:db8::5"),
        (["\\\", for=203.0.113.7, for=\"10.1.1.1\""], "203.0.113.7"),
    ]

    @Test(arguments: forwarded)
    func `Forwarded is read as RFC 7239 writes it`(values: [String], expected: String?) {
        let found = client("10.0.0.1", ["forwarded": values], .forwarded)
        #expect(found == Client(address: expected.flatMap { Address($0) }, isHere: false))
    }

    @Test func `only the header that the proxies write is believed`() {
        let both = ["x-forwarded-for": ["203.0.113.7"], "forwarded": ["for=127.0.0.1"]]
        #expect(client("127.0.0.1", both).address == Address("203.0.113.7"))
        #expect(client("127.0.0.1", both, .forwarded).address == Address("127.0.0.1"))
    }

    @Test func `nobody who isn't trusted speaks for others`() {
        let claim = client("198.51.100.9", ["x-forwarded-for": ["127.0.0.1"]])
        #expect(claim == Client(address: Address("198.51.100.9"), isHere: false))
    }

    @Test func `a proxy lends nobody its place on this machine`() {
        // Trusted: whatever it says, and also when it says nothing.
        #expect(client("127.0.0.1", ["x-forwarded-for": ["127.0.0.1"]]).isHere == false)
        #expect(client("127.0.0.1").isHere == false)
        #expect(Proxies(Self.networks).client(connecting: Address("127.0.0.1")).isHere == false)
        // One that nobody told us of shows itself by what it writes.
        for sign in [
            "x-forwarded-for", "forwarded", "x-real-ip", "via", "x-client-ip", "cdn-loop",
        ] {
            let found = client(Proxies(), "127.0.0.1", [sign: ["203.0.113.7"]])
            #expect(found.isHere == false, "\(sign)")
        }
        #expect(client(Proxies(), "127.0.0.1").isHere)
        #expect(Proxies().client(connecting: Address("::1")).isHere)
        #expect(client("::1").isHere)
    }

    @Test func `no chain is followed for ever`() {
        let long = Array(repeating: "10.1.1.1", count: 100_000).joined(separator: ",")
        #expect(
            client("127.0.0.1", ["x-forwarded-for": ["203.0.113.7," + long]]).address
                == Address("10.1.1.1"))
    }

    @Test func `no bytes of a header upset it`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRNG(seed)
        let alphabet = Array("for=;,\"\\[]:. 1203.fF_\t\u{7f}é/".unicodeScalars)
        for header in ForwardedChain.Header.allCases {
            for _ in 0..<5_000 {
                var text = ""
                for _ in 0..<Int.random(in: 0...60, using: &random) {
                    text.unicodeScalars.append(alphabet.randomElement(using: &random)!)
                }
                let found = client("10.0.0.1", [header.rawValue: [text]], header)
                #expect(!found.isHere, "seed \(seed): \(text)")
            }
        }
    }
}
