import Foundation
import TestSupport
import Testing

@testable import Reports

/// The reports' SQL against the published schema, run by the sqlite3 program.
@Suite(.enabled(if: SQLite3.isThere, "needs the sqlite3 program")) struct QueriesTests {
    @Test(arguments: Report.all.map(\.name))
    func `every report has an answer, with as many cells as it names columns`(name: String) throws {
        let report = try #require(Report.named(name))
        let rows = try answer(report, Self.some(report))
        for row in rows {
            let cells = row.split(separator: "|", omittingEmptySubsequences: false)
            #expect(cells.count == report.columns.count, "\(row)")
        }
        #expect(!rows.isEmpty)
    }

    @Test(arguments: Report.all.map(\.name))
    func `no report gives more rows than wanted, and none is left out without a limit`(
        name: String
    ) throws {
        let report = try #require(Report.named(name))
        let all = try answer(report, Self.some(report), limit: -1)
        #expect(try answer(report, Self.some(report), limit: 1) == Array(all.prefix(1)))
    }

    @Test func `customers come by what they did, anonymous visitors not at all`() throws {
        #expect(
            try answer(.customers) == [
                "ann|5|2|3|1|1|1|1700000000500", "bob|2|0|2|0|0|1|1700000000200",
                "cleo|0|3|0|0|0|0|",
            ])
    }

    @Test func `an issue's clickers are distinct persons, machines stand apart`() throws {
        #expect(
            try answer(.newsletters, [.null])[0]
                == "weekly|2026-11-22|100|98|40|25|5|9|3|2|0.0102|https://shop.example/b")
        #expect(try answer(.newsletters, [.text("daily")]).map { $0.prefix(6) } == ["daily|"])
        #expect(
            try answer(.links, [.text("weekly"), .text("2026-11-22")]) == [
                "https://shop.example/b|4|1|3", "https://shop.example/a|1|8|1",
            ])
    }

    /// Ann allowed offers by e-mail; Bob allowed everything and later refused e-mail; Cleo was
    /// never asked, and unsubscribed. Ann's two browsers are one person.
    @Test func `clickers say who clicked what, and who may be written to`() throws {
        #expect(
            try answer(.clickers, [.text("weekly"), .text("2026-11-22")]) == [
                "c/ann|Ann|new@mail.example|1|subscribed|https://shop.example/b|2|100|900",
                "c/cleo||c@mail.example|0|unsubscribed|https://shop.example/b|1|300|300",
                "c/bob||b@mail.example|0||https://shop.example/a|1|200|200",
                "c/bob||b@mail.example|0||https://shop.example/b|1|200|200",
            ])
        #expect(try answer(.clickers, [.text("weekly"), .text("none")]) == [])
    }

    @Test(arguments: [
        ("offers", "email", 2, true), ("*", "*", 2, true), ("offers", "email", 0, true),
        ("offers", "email", 1, false), ("*", "email", 2, false), ("*", "*", 2, false),
        ("news", "email", 2, true), ("offers", "phone", 2, true),
    ])
    func `a refusal counts from its time, for its channel and topic`(
        topic: String, channel: String, time: Int, granted: Bool
    ) throws {
        // She allowed offers by e-mail at 1.
        let state = granted ? "granted" : "withdrawn"
        let rows = try SQLite3.run(
            """
            INSERT INTO identity VALUES ('c/a','c/a'),('v/s/1','c/a');
            INSERT INTO permission_history VALUES
              ('c/a','contact','email','offers',1,1,'granted',NULL),
              ('v/s/1','contact','\(channel)','\(topic)',\(time),2,'\(state)',NULL);
            SELECT \(Person.mayMail("'c/a'"));
            """)
        #expect(rows == "\(granted ? 1 : 0)\n")
    }

    @Test func `waiting customers come by how long they wait`() throws {
        #expect(
            try answer(.unanswered) == [
                "c/bob||b@mail.example|phone|t2|1|0|50",
                "c/ann|Ann|new@mail.example|email|t1|2|1|60",
            ])
    }

    @Test func `a currency is asked for by itself`() throws {
        #expect(try answer(.best, [.null]).count == 2)
        #expect(try answer(.best, [.text("SEK")]).map { $0.prefix(5) } == ["c/bob"])
        #expect(try answer(.buyers, [.text("XXX")]) == [])
    }

    @Test func `what is given and what is needed are checked against the report`() throws {
        let clickers = Report.clickers
        #expect(
            try clickers.arguments([.issue: .text("b"), .newsletter: .text("a")])
                == [.text("a"), .text("b")])
        #expect(throws: Report.Misuse(description: "the report clickers needs --issue")) {
            try clickers.arguments([.newsletter: .text("a")])
        }
        #expect(throws: Report.Misuse(description: "the report clickers takes no --days")) {
            try clickers.arguments([.days: .integer(1)])
        }
        #expect(try Report.balance.arguments([:]) == [.integer(30)])
    }

    @Test func `a site's day adds up by kind`() throws {
        #expect(
            try answer(.sites) == [
                "20779|blog|1|||||0|0", "20779|shop|7|2|5|1|3|4|1", "20778|shop|9|||||0|0",
            ])
    }

    /// Arguments with which a report has an answer.
    private static func some(_ report: Report) -> [Cell] {
        report.parameters.map { parameter in
            switch parameter.name {
            case .newsletter: .text("weekly")
            case .issue: .text("2026-11-22")
            case .currency: .null
            case .days: .integer(30)
            }
        }
    }

    private func answer(
        _ report: Report, _ arguments: [Cell] = [], limit: Int = 10
    ) throws -> [String] {
        var script = ".param set ?1 \(limit)\n"
        for (index, cell) in arguments.enumerated() {
            let value =
                switch cell {
                case .text(let text): "\"'\(text)'\""
                case .integer(let number): "\(number)"
                default: "NULL"
                }
            script += ".param set ?\(index + 2) \(value)\n"
        }
        return try SQLite3.run(script + Self.data + report.sql + ";")
            .split(separator: "\n").map(String.init)
    }

    static let data = """
        INSERT INTO rollup_progress VALUES (1,100,1795305600000,100,0,0);
        INSERT INTO meta VALUES ('target_persona/collector','1');
        INSERT INTO identity VALUES ('c/ann','c/ann'),('v/shop/1','c/ann'),('c/bob','c/bob'),
          ('v/shop/2','v/shop/2'),('c/cleo','c/cleo');
        INSERT INTO subject_total(subject,first_ms,last_ms,in_n,out_n,page_views,clicks,newsletter_clicked,orders,
          first_order_ms,last_order_ms,last_in_ms) VALUES
          ('c/ann',1,1700000000500,4,2,2,1,1,1,1,1,1700000000500),('v/shop/1',1,1,1,0,1,0,0,0,NULL,NULL,1700000000100),
          ('c/bob',1,1,2,0,2,0,0,1,1,1,1700000000200),('v/shop/2',1,1,99,0,99,0,0,0,NULL,NULL,1700000000900);
        INSERT INTO subject_total(subject,out_n) VALUES ('c/cleo',3);
        INSERT INTO subject_day(subject,day,in_n,out_n) VALUES ('c/ann',20778,1,3),('v/shop/1',20777,1,0),('c/bob',20779,2,0);
        INSERT INTO subject_channel(subject,channel,orders,last_out_ms) VALUES ('c/ann','web',1,NULL),('c/ann','phone',0,500);
        INSERT INTO issue_total VALUES ('weekly','2026-11-22',100,98,40,25,5,9,1,1,2),('daily','2026-11-20',1,1,0,0,0,0,0,0,0);
        INSERT INTO issue_link VALUES ('weekly','2026-11-22','https://shop.example/a',1,8),
          ('weekly','2026-11-22','https://shop.example/b',4,1);
        INSERT INTO issue_click(newsletter,issue,link,subject,n,first_ms,last_ms) VALUES
          ('weekly','2026-11-22','https://shop.example/b','c/ann',1,100,100),
          ('weekly','2026-11-22','https://shop.example/b','v/shop/1',1,900,900),
          ('weekly','2026-11-22','https://shop.example/a','c/bob',1,200,200),
          ('weekly','2026-11-22','https://shop.example/b','c/bob',1,200,200),
          ('weekly','2026-11-22','https://shop.example/b','c/cleo',1,300,300),
          ('weekly','2026-11-15','https://shop.example/b','c/cleo',7,1,2);
        INSERT INTO subject_newsletter(subject,newsletter,state,state_ms,state_seq) VALUES
          ('v/shop/1','weekly','unsubscribed',5,5),('c/ann','weekly','subscribed',6,6),
          ('c/cleo','weekly','unsubscribed',7,7),('c/bob','daily','subscribed',8,8);
        INSERT INTO permission_history VALUES
          ('c/ann','contact','email','offers',1,1,'granted',NULL),('c/bob','contact','*','*',1,2,'granted',NULL),
          ('c/bob','contact','email','*',9,3,'withdrawn',NULL);
        INSERT INTO profile_history VALUES ('c/ann','name',1,1,'Ann'),('c/ann','email',1,2,'old@mail.example'),
          ('v/shop/1','email',2,3,'new@mail.example'),('c/bob','email',1,4,'b@mail.example'),
          ('c/ann','persona',1,5,'collector'),('c/ann','household',1,6,'h1'),('v/shop/2','email',1,7,'x@mail.example'),('c/cleo','email',1,8,'c@mail.example');
        INSERT INTO orders VALUES ('shop','o1',1,'c/ann',1795000000000,'web','EUR',1000,NULL,NULL,NULL,NULL),
          ('shop','o2',2,'c/bob',1795000000000,'web','SEK',2000,NULL,NULL,NULL,NULL);
        INSERT INTO subject_money(subject,currency,orders,revenue) VALUES ('c/ann','EUR',1,1000),('c/bob','SEK',1,2000);
        INSERT INTO subject_category(subject,category,items) VALUES ('c/ann','wool',1);
        INSERT INTO promotion_total VALUES ('spring','post',10,0,2,0,1);
        INSERT INTO activity_money VALUES ('promotion','spring','EUR',500,1,1000);
        INSERT INTO preference_history VALUES ('c/ann','contact','phone','','',1,1,'avoid',NULL,NULL,NULL);
        INSERT INTO contact_thread VALUES ('v/shop/1','t1','email',1,1,2,1,10,60,20,20),
          ('c/bob','t2','phone',1,1,1,0,50,50,NULL,NULL),('c/cleo','t3','phone',1,1,1,1,5,5,6,6);
        INSERT INTO cases(site,kind,case_id,subject,opened_ms,last_opened_ms,opened_n) VALUES
          ('shop','complaint','k1','c/ann',1,1,1),('shop','billing','k2','',2,2,1);
        INSERT INTO referral VALUES ('c/ann','c/bob',1,1);
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
