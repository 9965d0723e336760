import Foundation
import Reports
import TestSupport
import Testing

/// The reports' SQL against the published schema, run by the sqlite3 program.
@Suite(.enabled(if: SQLite3.isThere, "needs the sqlite3 program")) struct QueriesTests {
    @Test(arguments: Report.all.map(\.name))
    func `every report names as many columns as its query has`(name: String) throws {
        let report = try #require(Report.named(name))
        let first = try answer(report)[0].split(separator: "|", omittingEmptySubsequences: false)
        #expect(first.count == report.columns.count, "\(first)")
    }

    @Test func `customers come by what they did, anonymous visitors not at all`() throws {
        #expect(
            try answer(.customers) == [
                "ann|5|2|3|1|1|1|1700000000500", "bob|2|0|2|0|0|0|1700000000200",
            ])
    }

    @Test func `an issue's clickers are distinct persons, machines stand apart`() throws {
        #expect(
            try answer(.newsletters) == [
                "weekly|2026-11-22|100|98|40|25|3|9|1|2|https://shop.example/b"
            ])
    }

    @Test func `a site's day adds up by kind`() throws {
        #expect(
            try answer(.sites) == [
                "20779|blog|1|||||0|0", "20779|shop|7|2|5|1|3|4|1", "20778|shop|9|||||0|0",
            ])
    }

    private func answer(_ report: Report) throws -> [String] {
        try SQLite3.run(".param set ?1 10\n" + Self.data + report.sql + ";")
            .split(separator: "\n").map(String.init)
    }

    static let data = """
        INSERT INTO identity VALUES ('c/ann','c/ann'),('v/shop/1','c/ann'),('c/bob','c/bob'),('v/shop/2','v/shop/2');
        INSERT INTO subject_total(subject,in_n,out_n,page_views,clicks,newsletter_clicked,orders,last_in_ms) VALUES
          ('c/ann',4,2,2,1,1,1,1700000000500),('v/shop/1',1,0,1,0,0,0,1700000000100),
          ('c/bob',2,0,2,0,0,0,1700000000200),('v/shop/2',99,0,99,0,0,0,1700000000900);
        INSERT INTO issue_total VALUES ('weekly','2026-11-22',100,98,40,25,3,9,1,0,2);
        INSERT INTO issue_link VALUES ('weekly','2026-11-22','https://shop.example/a',1,8),
          ('weekly','2026-11-22','https://shop.example/b',2,1);
        INSERT INTO issue_click(newsletter,issue,link,subject,n) VALUES
          ('weekly','2026-11-22','https://shop.example/b','c/ann',1),
          ('weekly','2026-11-22','https://shop.example/b','v/shop/1',1);
        INSERT INTO site_day VALUES ('shop',20779,'page_view',7,4,1),('shop',20779,'click',2,0,0),
          ('shop',20779,'newsletter_opened',3,0,0),('shop',20779,'newsletter_clicked',2,0,0),
          ('shop',20779,'order',1,0,0),('shop',20779,'profile',3,0,0),
          ('shop',20778,'page_view',9,0,0),('blog',20779,'page_view',1,0,0);

        """
}

enum SQLite3 {
    static let path = "/usr/bin/sqlite3"
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// What the program prints for the schema and then the script, in memory.
    static func run(_ script: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-bail", ":memory:"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let schema = try Repository.text("schemas/ledger.sql")
        input.fileHandleForWriting.write(Data((schema + "\n" + script + "\n").utf8))
        try input.fileHandleForWriting.close()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return text
    }
}
