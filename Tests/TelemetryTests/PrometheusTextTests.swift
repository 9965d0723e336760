import Telemetry
import Testing

@Suite struct PrometheusTextTests {
    let counters = Counters(types: ["page_view"], reasons: ["too_large", "unknown_key"])
    let process = ProcessFacts(
        cpuSeconds: 1.5, residentBytes: 4_096, openDescriptors: 7, maximumDescriptors: 64)

    @Test func `every sample line belongs to a family announced before it`() throws {
        counters.rejected(.udp, reason: 0, 2)
        var family = ""
        for line in PrometheusText.page(counters, process).split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                family = String(line.split(separator: " ")[2])
            } else if !line.hasPrefix("#") {
                let name = line.prefix { $0 != "{" && $0 != " " }
                let stem = ["_bucket", "_sum", "_count"].first { name == family + $0 } ?? ""
                #expect(name == family + stem, "\(line)")
                #expect(Double(line.split(separator: " ").last ?? "") != nil, "\(line)")
            }
        }
    }

    @Test func `a closed set of one label shows its zeros, of two labels does not`() {
        counters.accepted(.tcp, 9)
        counters.rejected(.http, reason: 1, 3)
        let page = PrometheusText.page(counters, process)
        #expect(page.contains("engaged_events_accepted_total{transport=\"tcp\"} 9\n"))
        #expect(page.contains("engaged_events_accepted_total{transport=\"udp\"} 0\n"))
        #expect(
            page.contains(
                "engaged_lines_rejected_total{transport=\"http\",reason=\"unknown_key\"} 3\n"))
        #expect(!page.contains("reason=\"too_large\""))
    }

    @Test func `histogram buckets are cumulative and end in the count`() {
        let histogram = Histogram("x_seconds", "X.", boundsMicroseconds: [1_000, 2_500])
        histogram.observe(nanoseconds: 500_000)
        histogram.observe(nanoseconds: 2_000_000)
        histogram.observe(nanoseconds: 3_000_000)
        var text = PrometheusText()
        text.write(histogram)
        #expect(
            text.text == """
                # HELP x_seconds X.
                # TYPE x_seconds histogram
                x_seconds_bucket{le="0.001"} 1
                x_seconds_bucket{le="0.0025"} 2
                x_seconds_bucket{le="+Inf"} 3
                x_seconds_sum 0.0055
                x_seconds_count 3

                """)
    }

    @Test func `a gauge in milliseconds is shown in seconds`() {
        counters.lagMilliseconds.set(1_250)
        #expect(
            PrometheusText.page(counters, process).contains("engaged_rollup_lag_seconds 1.25\n"))
    }

    @Test func `a gauge by a label shows all its values`() {
        let gauge = Gauge("x", "X.", label: .init("a", ["one", "two"]))
        gauge.set(5, at: 1)
        var text = PrometheusText()
        text.write(gauge)
        #expect(text.text == "# HELP x X.\n# TYPE x gauge\nx{a=\"one\"} 0\nx{a=\"two\"} 5\n")
    }

    @Test func `amounts are shown as they are, not in seconds`() {
        let histogram = Histogram("x_lines", "X.", bounds: [1, 10])
        histogram.observe(7, count: 2)
        var text = PrometheusText()
        text.write(histogram)
        #expect(text.text.contains("x_lines_bucket{le=\"1.0\"} 0\n"))
        #expect(text.text.contains("x_lines_bucket{le=\"10.0\"} 2\n"))
        #expect(text.text.contains("x_lines_sum 14.0\n"))
    }

    @Test func `what is known of the build is one series that is always 1`() {
        var text = PrometheusText()
        text.write(Info("x_info", "X.", labels: [("version", "1.2"), ("swift", "6.3")]))
        #expect(text.text.hasSuffix("x_info{version=\"1.2\",swift=\"6.3\"} 1\n"))
    }

    @Test func `label values and help texts are escaped`() {
        let counter = Counter("x_total", "A \\ and\na line.", labels: [.init("a", ["q\"\\\n"])])
        var text = PrometheusText()
        text.write(counter)
        #expect(text.text.contains("# HELP x_total A \\\\ and\\na line.\n"))
        #expect(text.text.contains("x_total{a=\"q\\\"\\\\\\n\"} 0\n"))
    }

    @Test func `the process metrics close the page`() {
        let page = PrometheusText.page(counters, process)
        for name in Counters.processMetricNames { #expect(page.contains("\n\(name) ")) }
        #expect(page.contains("process_cpu_seconds_total 1.5\n"))
        #expect(page.contains("process_open_fds 7\n"))
        #expect(page.hasSuffix("process_max_fds 64\n"))
        let real = ProcessFacts.now()
        #expect(real.residentBytes > 0 && real.openDescriptors > 0 && real.cpuSeconds > 0)
    }
}
