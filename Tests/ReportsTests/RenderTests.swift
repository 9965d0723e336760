import Foundation
import Testing

@testable import Reports

/// Rows that were never in a database.
struct FixedRows: RowSource {
    var rows: [[Cell]]
    func rows(_ sql: String, _ arguments: [Cell]) -> Rows {
        guard case .integer(let most) = arguments.first, most >= 0 else {
            return Rows(columns: [], rows: rows)
        }
        return Rows(columns: [], rows: Array(rows.prefix(Int(most))))
    }
}

@Suite struct RenderTests {
    static let time: Int64 = 1_763_805_600_123  // 2025-11-22T10:00:00.123Z

    static func customer(_ name: String, in number: Int64) -> [Cell] {
        [
            .text(name), .integer(number), .integer(2), .integer(3), .integer(4), .null,
            .integer(0), .integer(time),
        ]
    }

    @Test func `a table is aligned, numbers to the right`() throws {
        let source = FixedRows(rows: [
            Self.customer("c-ann", in: 120), Self.customer("冬のブーツ", in: 7),
        ])
        let table = try Report.customers.render(source, limit: 10, format: .table)
        #expect(
            table == """
                customer     in  out  views  clicks  nl clicks  orders  last seen
                ──────────  ───  ───  ─────  ──────  ─────────  ──────  ────────────────
                c-ann       120    2      3       4          0       0  2025-11-22 10:00
                冬のブーツ    7    2      3       4          0       0  2025-11-22 10:00

                """)
    }

    @Test func `a narrow terminal cuts text, never numbers`() throws {
        let source = FixedRows(rows: [Self.customer(String(repeating: "x", count: 60), in: 5)])
        let table = try Report.customers.render(source, limit: 10, format: .table, width: 80)
        for line in table.split(separator: "\n") { #expect(TerminalText.width(String(line)) <= 80) }
        #expect(table.contains("x…") && table.contains("2025-11-22 10:00"))
    }

    @Test func `what strangers sent can't drive the terminal`() throws {
        let source = FixedRows(rows: [Self.customer("a\u{1b}[2J\nb\u{202e}", in: 1)])
        let table = try Report.customers.render(source, limit: 1, format: .table)
        #expect(table.contains("a\u{fffd}[2J\u{fffd}b\u{fffd}"))
        #expect(table.split(separator: "\n").count == 3)
    }

    @Test func `CSV quotes what needs it and ends lines as RFC 4180 says`() throws {
        let source = FixedRows(rows: [Self.customer("a,\"b\"\r\nc", in: 1)])
        let csv = try Report.customers.render(source, limit: 1, format: .csv)
        #expect(
            csv == "customer,in,out,page_views,clicks,newsletter_clicked,orders,last_seen\r\n"
                + "\"a,\"\"b\"\"\r\nc\",1,2,3,4,0,0,2025-11-22T10:00:00.123Z\r\n")
    }

    @Test func `JSON is read back by another parser, whatever the text holds`() throws {
        let name = "q\"\\\u{1}\n\u{7f}é🎁"
        let json = try Report.customers.render(
            FixedRows(rows: [Self.customer(name, in: 9), Self.customer("b", in: 1)]), limit: 9,
            format: .json)
        let read = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]]
        #expect(read?.count == 2)
        #expect(read?[0]["customer"] as? String == name)
        #expect(read?[0]["in"] as? Int == 9)
        #expect(read?[0]["newsletter_clicked"] as? Int == 0)
        #expect(read?[0]["last_seen"] as? String == "2025-11-22T10:00:00.123Z")
    }

    @Test(arguments: Report.Format.allCases)
    func `no rows are no error`(format: Report.Format) throws {
        for report in Report.all {
            let text = try report.render(FixedRows(rows: []), limit: 5, format: format)
            #expect(text.utf8.last == UInt8(ascii: "\n"))
            if format == .json { #expect(text == "[]\n") }
        }
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01"), (-1, "1969-12-31"), (19_782, "2024-02-29"),
        (20_779, "2026-11-22"), (-25_509, "1900-02-28"), (11_016, "2000-02-29"),
    ])
    func `days become dates`(day: Int64, date: String) throws {
        let row: [Cell] = [.integer(day), .text("shop")] + Array(repeating: .integer(1), count: 7)
        let csv = try Report.sites.render(FixedRows(rows: [row]), limit: 1, format: .csv)
        #expect(csv.contains("\r\n\(date),shop,1,"))
    }

    @Test func `a table that is cut says so, one that is whole doesn't`() throws {
        let source = FixedRows(rows: [Self.customer("a", in: 2), Self.customer("b", in: 1)])
        let cut = try Report.customers.render(source, limit: 1, format: .table)
        #expect(cut.hasSuffix("\n(there are more: --limit)\n") && !cut.contains("\nb "))
        for limit in [2, nil] {
            let whole = try Report.customers.render(source, limit: limit, format: .table)
            #expect(whole.contains("\nb ") && !whole.contains("more"))
        }
        let csv = try Report.customers.render(source, limit: 1, format: .csv)
        #expect(csv.split(whereSeparator: \.isNewline).count == 2)
    }

    @Test func `unknown numbers stay unknown, and yes and no are words or truth`() throws {
        let source = FixedRows(rows: [
            [.text("a"), .integer(1), .integer(3), .integer(0), .null, .real(2)],
            [.text("b"), .integer(0), .integer(3), .integer(0), .real(-0.123_456), .null],
        ])
        let report = Report(
            name: "any", summary: "",
            columns: [
                Report.text("name", "name"), Report.flag("flag", "flag"),
                Report.count("count", "count"), Report.count("none", "none"),
                Report.number("rate", "rate"), Report.number("more", "more"),
            ], sql: "")
        #expect(
            try report.render(source, limit: nil, format: .table) == """
                name  flag  count  none    rate  more
                ────  ────  ─────  ────  ──────  ────
                a     yes       3     0             2
                b     no        3     0  -0.123

                """)
        #expect(
            try report.render(source, limit: nil, format: .csv)
                == "name,flag,count,none,rate,more\r\na,yes,3,0,,2.0\r\nb,no,3,0,-0.123456,\r\n")
        #expect(
            try report.render(source, limit: 1, format: .json)
                == #"[{"name":"a","flag":true,"count":3,"none":0,"rate":null,"more":2.0}]"# + "\n")
    }

    @Test func `reports are found by name`() {
        #expect(Report.named("customers")?.name == "customers")
        #expect(Report.named("nothing") == nil)
        #expect(Set(Report.all.map(\.name)).count == Report.all.count)
    }
}
