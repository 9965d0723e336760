import Foundation
import Ledger
import Summaries
import TestSupport
import Testing

/// The questions of the analysts' page, by number.
private func questions() throws -> [Int: String] {
    var found: [Int: String] = [:]
    for part in try Repository.text("docs/questions.md").components(separatedBy: "\n## ")
        .dropFirst()
    {
        let blocks = part.components(separatedBy: "```sql\n").dropFirst()
        guard let number = Int(part.prefix { $0.isNumber }), let block = blocks.first,
            let sql = block.components(separatedBy: "```").first
        else { continue }
        found[number] = sql
    }
    return found
}

@Suite struct SummaryTests {
    @Test(arguments: [1, 2] as [UInt64])
    func `every question has the same answer from the summary as from the views`(seed: UInt64)
        throws
    {
        let crowd = try Crowd(seed: seed, customers: 60, events: 5_000)
        let summary = Summary(dataDirectory: crowd.directory)
        try summary.make(from: crowd.path)
        let questions = try questions()
        #expect(questions.count == 20)
        for (number, sql) in questions.sorted(by: { $0.key < $1.key }) {
            let table = try #require(SummaryTable.all.first { $0.question == number })
            let theirs = try Crowd.rows(crowd.path, sql)
            #expect(!theirs.isEmpty, "seed \(seed): question \(number) asks for nothing")
            let ours = try Crowd.rows(summary.path, table.select)
            #expect(
                ours.sorted() == theirs.sorted(), "seed \(seed): question \(number), \(table.name)")
        }
    }

    @Test func `people and quintiles are those of the views`() throws {
        let crowd = try Crowd(seed: 4, customers: 60, events: 4_000)
        let summary = Summary(dataDirectory: crowd.directory)
        try summary.make(from: crowd.path)
        func same(_ ours: String, _ theirs: String) throws {
            #expect(
                try Crowd.rows(summary.path, ours).sorted()
                    == Crowd.rows(crowd.path, theirs).sorted())
        }
        try same(
            "SELECT person, known, engaged_days, stage, repeat_buyer FROM person",
            "SELECT * FROM person_stage")
        try same("SELECT * FROM rfm", "SELECT * FROM person_rfm")
        try same(
            "SELECT person, persona, gender, birth_year, household FROM person WHERE persona IS NOT NULL",
            "SELECT person, persona, gender, birth_year, household FROM person_profile")
    }

    @Test func `it says of which moment it is, and a new one takes the place of the old one whole`()
        throws
    {
        let crowd = try Crowd(seed: 5, customers: 10, events: 200)
        let summary = Summary(dataDirectory: crowd.directory)
        #expect(try summary.make(from: crowd.path).lastSeq == 200)
        let open = try LedgerReader(summary.path)
        let before = try open.rows(sql: "SELECT * FROM person")
        try crowd.add(customers: 20, events: 300)
        let facts = try summary.make(from: crowd.path)
        #expect(facts.lastSeq == 500)
        #expect(
            try Crowd.rows(summary.path, "SELECT * FROM summary")
                == ["\(facts.asOfMilliseconds)|500"])
        #expect(try open.rows(sql: "SELECT * FROM person") == before)
        #expect(
            try Crowd.rows(summary.path, "SELECT COUNT(*) FROM person") != ["\(before.rows.count)"])
    }

    @Test func `it can be given up, and leaves what was there`() throws {
        let crowd = try Crowd(seed: 6, customers: 40, events: 3_000)
        let summary = Summary(dataDirectory: crowd.directory)
        let facts = try summary.make(from: crowd.path)
        try crowd.add(customers: 40, events: 10)
        #expect(throws: Summary.Stopped.self) {
            try summary.make(from: crowd.path, isStopping: { true })
        }
        #expect(
            try Crowd.rows(summary.path, "SELECT last_seq FROM summary") == ["\(facts.lastSeq)"])
        #expect(!FileManager.default.fileExists(atPath: summary.path + ".new"))
    }

    @Test func `one that is removed while it is made doesn't come back`() throws {
        let crowd = try Crowd(seed: 7, customers: 40, events: 3_000)
        let summary = Summary(dataDirectory: crowd.directory)
        #expect(throws: DerivedFile.Failure.removed(summary.path)) {
            try summary.make(
                from: crowd.path,
                isStopping: {
                    try? summary.remove()
                    return false
                })
        }
        #expect(!FileManager.default.fileExists(atPath: summary.path))
    }

    @Test func `one that is removed before SQLite opens it leaves nothing`() throws {
        let crowd = try Crowd(seed: 7, customers: 1, events: 1)
        let path = crowd.directory + "/derived.sqlite"
        #expect(throws: DerivedFile.Failure.removed(path)) {
            try DerivedFile.replace(path, like: crowd.path) { new in
                try DerivedFile.remove(path)
                try Data("made anew by its name".utf8).write(to: URL(fileURLWithPath: new))
            }
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: crowd.directory)
                .filter { $0.hasPrefix("derived") } == [])
    }

    @Test func `one that is removed leaves alone what another is writing since`() throws {
        let crowd = try Crowd(seed: 7, customers: 1, events: 1)
        let path = crowd.directory + "/derived.sqlite"
        var other: Int32 = -1
        defer { close(other) }
        #expect(throws: DerivedFile.Failure.removed(path)) {
            try DerivedFile.replace(path, like: crowd.path) { new in
                try DerivedFile.remove(path)
                other = open(new, O_RDWR | O_CREAT, 0o600)
                #expect(flock(other, LOCK_EX) == 0)
            }
        }
        #expect(FileManager.default.fileExists(atPath: path + ".new"))
    }

    @Test func `the ledger isn't written to`() throws {
        let crowd = try Crowd(seed: 8, customers: 10, events: 100)
        let before = try Crowd.rows(crowd.path, "SELECT type, name FROM sqlite_master")
        try Summary(dataDirectory: crowd.directory).make(from: crowd.path)
        #expect(try Crowd.rows(crowd.path, "SELECT type, name FROM sqlite_master") == before)
    }

    @Test func `schemas/summary.md tells of every table that stays`() throws {
        let crowd = try Crowd(seed: 9, customers: 10, events: 100)
        let summary = Summary(dataDirectory: crowd.directory)
        try summary.make(from: crowd.path)
        let page = try Repository.text("schemas/summary.md")
        for column in try Crowd.rows(
            summary.path,
            "SELECT t.name || ' ' || c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
        ) {
            let words = column.split(separator: " ")
            let section = page.components(separatedBy: "\n## `\(words[0])`").dropFirst().first?
                .components(separatedBy: "\n## ").first
            #expect(section?.contains("`\(words[1])`") == true, "\(column) isn't described")
        }
    }
}
