import Telemetry
import Testing

@Suite struct SiteCounterTests {
    let counter = SiteCounter(
        "x_total", "X.", label: .init("type", ["view", "click"]),
        siteNames: { ["(none)", "(other)", "shop"] })

    @Test func `a series appears with its first count, under its site's name`() {
        counter.add(3, site: 2, at: 1)
        counter.add(4, site: 2, at: 1)
        counter.add(1, site: 0, at: 0)
        var text = PrometheusText()
        text.write(counter)
        #expect(
            text.text == """
                # HELP x_total X.
                # TYPE x_total counter
                x_total{site="(none)",type="view"} 1
                x_total{site="shop",type="click"} 7

                """)
    }

    @Test func `no addition is lost between threads that meet a site together`() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { [counter] in
                    for site in 0..<200 { counter.add(2, site: site, at: 0) }
                }
            }
        }
        #expect(counter.values.count == 200)
        #expect(counter.values.allSatisfy { $0.count == 16 })
    }

    @Test func `a refusal counts by transport and by site`() {
        let counters = Counters(
            types: [], reasons: ["too_large", "unknown_key"],
            siteNames: { ["(none)", "(other)", "shop"] })
        counters.rejected(.udp, reason: 0, 2)
        counters.rejected(.tcp, reason: 1, site: 2)
        #expect(counters.rejected.total == 3)
        let shown = counters.siteRejected.values.map { "\($0.site) \($0.second) \($0.count)" }
        #expect(shown == ["(none) too_large 2", "shop unknown_key 1"])
    }
}
