import Telemetry
import Testing

@Suite struct CountersTests {
    let counters = Counters(types: ["page_view", "click"], reasons: ["too_large", "unknown_key"])

    @Test func `each transport and reason has a series of its own`() {
        counters.accepted(.udp, 3)
        counters.accepted(.http, 4)
        counters.rejected(.tcp, reason: 1, 5)
        #expect(counters.accepted.value(at: 0) == 3)
        #expect(counters.accepted.value(at: 1) == 0)
        #expect(counters.accepted.value(at: 2) == 4)
        #expect(counters.accepted.total == 7)
        #expect(counters.rejected.value(at: 1, 1) == 5)
        #expect(counters.rejected.total == 5)
    }

    @Test(arguments: [(100, 0), (200, 1), (204, 1), (302, 2), (404, 3), (503, 4), (700, 4), (0, 4)])
    func `an HTTP status counts in its class`(status: Int, series: Int) {
        counters.answered(status: status)
        #expect(counters.httpRequests.value(at: series) == 1)
        #expect(counters.httpRequests.total == 1)
    }

    @Test func `a gauge goes down and below zero`() {
        counters.openConnections.add(2)
        counters.openConnections.add(-3)
        #expect(counters.openConnections.value == -1)
        counters.watermark.set(UInt64(7))
        #expect(counters.watermark.value == 7)
    }

    @Test func `no addition is lost between threads`() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { [counters] in
                    for _ in 0..<10_000 { counters.accepted(.tcp, 1) }
                }
            }
        }
        #expect(counters.accepted.value(at: 1) == 80_000)
    }

    @Test func `metric names are unique and follow the conventions`() {
        let names = counters.catalogue.map(\.name)
        #expect(Set(names).count == names.count)
        for metric in counters.catalogue {
            #expect(metric.name.hasPrefix("engaged_"))
            #expect(metric.help.hasSuffix("."), "\(metric.name)")
            if case .counter = metric { #expect(metric.name.hasSuffix("_total")) }
            if case .histogram(let histogram) = metric, histogram.scale > 1 {
                #expect(metric.name.hasSuffix("_seconds"))
            }
            if case .gauge(let gauge) = metric, gauge.scale > 1 {
                #expect(metric.name.hasSuffix("_seconds"))
            }
        }
    }
}

@Suite struct HistogramTests {
    let histogram = Histogram("x_seconds", "X.", boundsMicroseconds: [1_000, 2_000, 5_000])

    @Test func `a duration counts in the first bucket that holds it`() {
        histogram.observe(nanoseconds: 0)
        histogram.observe(nanoseconds: 1_000_000)
        histogram.observe(nanoseconds: 1_000_001, count: 2)
        histogram.observe(nanoseconds: 6_000_000)
        let snapshot = histogram.snapshot
        #expect(snapshot.counts == [2, 2, 0, 1])
        #expect(snapshot.count == 5)
        #expect(snapshot.sum == 9_000_002)
    }

    @Test func `a quantile is the bound of the bucket it falls in`() {
        #expect(histogram.snapshot.quantile(0.5) == nil)
        for _ in 0..<98 { histogram.observe(nanoseconds: 10) }
        histogram.observe(nanoseconds: 1_500_000)
        histogram.observe(nanoseconds: 9_000_000)
        #expect(histogram.snapshot.quantile(0.5) == 0.001)
        #expect(histogram.snapshot.quantile(0.99) == 0.002)
        #expect(histogram.snapshot.quantile(1) == .infinity)
    }
}
