/// Writes metrics in the Prometheus text exposition format, version 0.0.4.
///
/// A series whose labels are closed sets is written even when it is 0, so that a rate over it is
/// defined from the first scrape; counters by two labels leave their zeros out, or a fresh daemon
/// would show transports × reasons lines of nothing.
package struct PrometheusText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    package init() {}

    /// The page served at `/metrics`.
    package static func page(_ counters: Counters, _ process: ProcessFacts = .now()) -> String {
        var page = PrometheusText()
        for metric in counters.catalogue { page.write(metric) }
        page.write(process, startSeconds: counters.startSeconds)
        return page.text
    }

    package mutating func write(_ metric: Metric) {
        switch metric {
        case .counter(let counter): write(counter)
        case .gauge(let gauge): write(gauge)
        case .histogram(let histogram): write(histogram)
        case .sites(let counter): write(counter)
        case .info(let info): write(info)
        }
    }

    package mutating func write(_ counter: Counter) {
        head(counter.name, counter.help, "counter")
        switch counter.labels.count {
        case 0: sample(counter.name, [], "\(counter.value())")
        case 1:
            for (i, value) in counter.labels[0].values.enumerated() {
                sample(
                    counter.name, [(counter.labels[0].name, value)], "\(counter.value(at: i))")
            }
        default:
            let (first, second) = (counter.labels[0], counter.labels[1])
            for (i, a) in first.values.enumerated() {
                for (j, b) in second.values.enumerated() {
                    let value = counter.value(at: i, j)
                    if value > 0 {
                        sample(counter.name, [(first.name, a), (second.name, b)], "\(value)")
                    }
                }
            }
        }
    }

    package mutating func write(_ gauge: Gauge) {
        head(gauge.name, gauge.help, "gauge")
        func shown(_ value: Int64) -> String {
            gauge.scale == 1 ? "\(value)" : "\(Double(value) / Double(gauge.scale))"
        }
        guard let label = gauge.label else { return sample(gauge.name, [], shown(gauge.value)) }
        for (i, value) in label.values.enumerated() {
            sample(gauge.name, [(label.name, value)], shown(gauge.value(at: i)))
        }
    }

    package mutating func write(_ counter: SiteCounter) {
        head(counter.name, counter.help, "counter")
        for (site, second, count) in counter.values {
            sample(counter.name, [("site", site), (counter.label.name, second)], "\(count)")
        }
    }

    package mutating func write(_ info: Info) {
        head(info.name, info.help, "gauge")
        sample(info.name, info.labels.map { ($0.name, $0.value) }, "1")
    }

    package mutating func write(_ histogram: Histogram) {
        head(histogram.name, histogram.help, "histogram")
        let snapshot = histogram.snapshot
        var cumulative: UInt64 = 0
        for (bound, count) in zip(snapshot.bounds, snapshot.counts) {
            cumulative += count
            sample(
                histogram.name + "_bucket", [("le", "\(Double(bound) / snapshot.scale)")],
                "\(cumulative)")
        }
        sample(histogram.name + "_bucket", [("le", "+Inf")], "\(snapshot.count)")
        sample(histogram.name + "_sum", [], "\(Double(snapshot.sum) / snapshot.scale)")
        sample(histogram.name + "_count", [], "\(snapshot.count)")
    }

    /// The standard `process_` metrics, which every Prometheus dashboard knows.
    package mutating func write(_ process: ProcessFacts, startSeconds: Double) {
        head("process_start_time_seconds", "Start of the process, seconds since 1970.", "gauge")
        sample("process_start_time_seconds", [], "\(startSeconds)")
        head("process_cpu_seconds_total", "User and system CPU time spent.", "counter")
        sample("process_cpu_seconds_total", [], "\(process.cpuSeconds)")
        head("process_resident_memory_bytes", "Resident memory.", "gauge")
        sample("process_resident_memory_bytes", [], "\(process.residentBytes)")
        head("process_open_fds", "Open file descriptors.", "gauge")
        sample("process_open_fds", [], "\(process.openDescriptors)")
        head("process_max_fds", "Open file descriptors that the process may have.", "gauge")
        sample("process_max_fds", [], "\(process.maximumDescriptors)")
    }

    private mutating func head(_ name: String, _ help: String, _ type: String) {
        text += "# HELP \(name) \(Self.escape(help, quotes: false))\n# TYPE \(name) \(type)\n"
    }

    private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.0)=\"\(Self.escape($0.1, quotes: true))\"" }
            text += "{" + pairs.joined(separator: ",") + "}"
        }
        text += " " + value + "\n"
    }

    private static func escape(_ text: String, quotes: Bool) -> String {
        var out = ""
        for c in text.unicodeScalars {
            switch c {
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\"" where quotes: out += "\\\""
            default: out.unicodeScalars.append(c)
            }
        }
        return out
    }
}
