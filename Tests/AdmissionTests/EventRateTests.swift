import Admission
import TestSupport
import Testing

@Suite struct EventRateTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func `a burst is taken at once, and then as many as the rate brings`() {
        let rate = EventRate(perSecond: 10, burstSeconds: 2)
        let start = 1_000 * Self.second
        for _ in 0..<20 {
            #expect(rate.wait(now: start) == 0)
            rate.charge(1, now: start)
        }
        rate.charge(1, now: start)
        #expect(rate.wait(now: start) == Self.second / 10)
        #expect(rate.wait(now: start + Self.second / 10) == 0)
    }

    @Test func `what is taken whole leaves a debt that is waited for`() {
        let rate = EventRate(perSecond: 100, burstSeconds: 1)
        let start = 5 * Self.second
        rate.charge(1_000, now: start)
        #expect(rate.wait(now: start) == 9 * Self.second)
        #expect(rate.wait(now: start + 8 * Self.second) == Self.second)
        #expect(rate.wait(now: start + 9 * Self.second) == 0)
    }

    @Test(arguments: 1...5)
    func `over a long time the rate holds, whoever asks when`(seed: UInt64) {
        var random = SeededRNG(seed)
        let perSecond = Int.random(in: 1...5_000, using: &random)
        let burst = Int.random(in: 1...20, using: &random)
        let rate = EventRate(perSecond: perSecond, burstSeconds: burst)
        let start = UInt64.random(in: 1...(1 << 50), using: &random)
        var (now, taken, largest) = (start, 0, 0)
        while now < start + 1_000 * Self.second {
            let wait = rate.wait(now: now)
            if wait == 0 {
                let events = Int.random(in: 1...perSecond, using: &random)
                rate.charge(events, now: now)
                taken += events
                largest = max(largest, events)
                now += UInt64.random(in: 0...(Self.second / 100), using: &random)
            } else {
                now += wait
            }
        }
        let most = perSecond * (1_000 + burst) + largest
        #expect(taken <= most + 1 && taken >= perSecond * 990, "seed \(seed): \(taken) of \(most)")
    }

    @Test func `nothing taken costs nothing, and a silence saves no more than a burst`() {
        let rate = EventRate(perSecond: 1, burstSeconds: 1)
        rate.charge(0, now: 0)
        #expect(rate.wait(now: 0) == 0)
        let later = 1_000_000 * Self.second
        rate.charge(2, now: later)
        #expect(rate.wait(now: later) == Self.second)
    }

    @Test func `each key has its own, browser keys and origins that of pages, this machine none`()
        throws
    {
        let sites = SiteBook([
            Site(
                name: "shop", keys: ["one", "two"], browserKeys: ["page"],
                origins: ["https://shop.example"], isByOrigin: true, isOpen: true,
                rate: .init(eventsPerSecond: 10, burstSeconds: 1),
                browserRate: .init(eventsPerSecond: 5, burstSeconds: 1)),
            Site(name: "blog", keys: ["three"]),
        ])
        func rate(_ key: String, page: String? = nil) -> EventRate? {
            sites.grant(key: Array(key.utf8), page: page, fromLoopback: true)?.rate
        }
        let one = try #require(rate("one"))
        one.charge(10, now: 1)
        one.charge(1, now: 1)
        #expect(one.wait(now: 1) == Self.second / 10)
        #expect(rate("one") === one, "it is the key's, not the connection's")
        #expect(rate("two")?.wait(now: 1) == 0)
        let page = try #require(rate("page"))
        page.charge(6, now: 1)
        #expect(page.wait(now: 1) == Self.second / 5)
        #expect(rate("", page: "https://shop.example")?.wait(now: 1) == 0)
        #expect(rate("three") == nil)
        #expect(rate("") == nil)
    }
}
