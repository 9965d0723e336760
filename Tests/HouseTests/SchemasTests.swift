import Admission
import Engagement
import Links
import Settings
import Telemetry
import TestSupport
import Testing

/// What schemas/ promises to others is what the code does.
@Suite struct SchemasTests {
    static let counters = Counters(
        types: EventType.names, reasons: Reason.allCases.map(\.code),
        linkReasons: LinkRefusal.allCases.map(\.code),
        build: [("version", ""), ("swift", ""), ("sqlite", "")])

    @Test func `schemas metrics lists every metric with its type and labels`() throws {
        let rows = try Repository.tableRows("schemas/metrics.md")
        let documented = Dictionary(
            rows.filter { $0.count == 4 }.map { (Self.name($0[0]), ($0[1], $0[2])) }
        ) { a, _ in a }
        for metric in Self.counters.catalogue {
            let row = try #require(documented[metric.name], "\(metric.name) is not documented")
            #expect(row.0 == metric.type, "\(metric.name)")
            #expect(
                row.1 == metric.labels.map { "`\($0)`" }.joined(separator: ", "), "\(metric.name)")
        }
        let known = Set(Self.counters.catalogue.map(\.name) + Counters.processMetricNames)
        #expect(Set(documented.keys) == known)
    }

    @Test func `schemas metrics explains every reason code and every limit`() throws {
        let rows = try Repository.tableRows("schemas/metrics.md").filter { $0.count == 2 }
        let names = Reason.allCases.map(\.code) + Limit.names
        #expect(rows.map { Self.name($0[0]) }.filter(names.contains) == names)
    }

    @Test(arguments: Limit.allCases)
    func `a limit is named as its setting`(_ limit: Limit) {
        #expect(
            Setting.all.contains { $0.key == "limits.\(limit.rawValue)" }
                || Setting.siteKeys.contains(limit.rawValue))
    }

    @Test func `schemas settings lists every setting with its default and range`() throws {
        let rows = try Repository.tableRows("schemas/settings.md").filter { $0.count == 4 }
        #expect(Set(rows.map { Self.name($0[0]) }) == Set(Setting.all.map(\.key)))
        for row in rows {
            let setting = try #require(Setting.all.first { $0.key == Self.name(row[0]) })
            if setting.allowed.contains("…") {
                #expect(row[1] == setting.show(Settings()), "\(setting.key)")
                #expect(row[2] == setting.allowed, "\(setting.key)")
            }
        }
        for row in rows {
            let setting = try #require(Setting.all.first { $0.key == Self.name(row[0]) })
            #expect(row[0].contains("↻") == setting.isLive, "\(setting.key)")
        }
        let sites = try Repository.tableRows("schemas/settings.md").filter { $0.count == 3 }
        #expect(sites.map { Self.name($0[0]) } == Setting.siteKeys)
    }

    @Test func `the example configuration is the defaults, with every setting shown`() throws {
        let text = try Repository.text("deploy/engaged.example.yaml")
        let (settings, mistakes) = Settings.load(text: text)
        #expect(mistakes == [])
        #expect(settings == Settings())
        for setting in Setting.all {
            let key = setting.key.split(separator: ".").last ?? ""
            #expect(text.contains("\(key): "), "\(setting.key)")
        }
    }

    @Test func `the example's sites are right once they are uncommented`() throws {
        let lines = try Repository.text("deploy/engaged.example.yaml").split(separator: "\n")
        let start = try #require(lines.firstIndex { $0 == "# sites:" })
        let block = lines[start...].prefix { $0.hasPrefix("# ") }.map { $0.dropFirst(2) }
        let (settings, mistakes) = Settings.load(text: block.joined(separator: "\n"))
        #expect(mistakes == [])
        #expect(settings?.sites.map(\.name) == ["blog", "cron", "shop"])
    }

    private static func name(_ cell: String) -> String {
        String(cell.split(separator: "`").first ?? "")
    }
}
