import Customers
import Foundation
import Ledger
import Testing

@Suite("An export holds everything of hers and nothing of others") struct PersonExportTests {
    private func export(_ people: KnownPeople, _ id: String) throws -> [String: Any] {
        var text = ""
        let person = try Person.find(id, in: people.reader)
        try PersonExport(person, write: { text += $0 }).run(people.reader, events: people.each)
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(object as? [String: Any])
    }

    private func events(_ document: [String: Any]) throws -> [[String: Any]] {
        try #require(document["events"] as? [[String: Any]])
    }

    @Test func `her lines stand as they were stored`() throws {
        let people = try KnownPeople(
            #""type":"click","customer":"anna","note":"an \"own\" field, {with} braces""#,
            #""type":"click","customer":"bert""#, #""type":"page_view","visitor":"v1""#,
            #""type":"identify","customer":"anna","visitor":"v1""#)
        let found = try events(export(people, "anna"))
        #expect(found.map { $0["seq"] as? Int } == [1, 3, 4])
        #expect(found[0]["note"] as? String == #"an "own" field, {with} braces"#)
        #expect(found[0]["received"] as? String == "2026-11-21T12:00:00.000Z")
    }

    @Test func `names of others are left out of her lines and rows`() throws {
        let people = try KnownPeople(
            #""type":"referral","customer":"anna","referred":"secret-carl" , "note":"x,\"referred\":\"y\"""#,
            #""type":"referral","customer":"secret-bert","referred":"anna""#,
            #""type":"click","customer":"secret-bert","visitor":"v1""#)
        let document = try export(people, "anna")
        let found = try events(document)
        #expect(found.map { $0["seq"] as? Int } == [1])
        #expect(found[0]["referred"] == nil)
        #expect(found[0]["note"] as? String == #"x,"referred":"y""#)
        let ledger = try #require(document["ledger"] as? [String: [[String: Any]]])
        let pairs = try #require(ledger["referral"])
        #expect(pairs.count == 2)
        let text = String(describing: document)
        #expect(!text.contains("secret"))
    }

    @Test func `every table of hers is in it`() throws {
        let people = try KnownPeople(
            #""type":"order","customer":"anna","order":"o","amount":5,"currency":"EUR""#,
            #""type":"interest","customer":"anna","interest":"tea","stance":"like""#,
            #""type":"complaint_opened","customer":"anna","case":"k""#,
            #""type":"feedback","customer":"anna","kind":"review","score":3"#,
            #""type":"order","customer":"bert","order":"p","amount":5,"currency":"EUR""#)
        let document = try export(people, "anna")
        let ledger = try #require(document["ledger"] as? [String: [[String: Any]]])
        for table in [
            "orders", "interest_history", "cases", "feedback", "subject_total", "identity",
        ] {
            #expect(ledger[table]?.count == 1, "\(table)")
        }
    }

    @Test func `what was erased before isn't hers any more`() throws {
        let people = try KnownPeople(
            #""type":"click","customer":"anna""#, #""type":"click","redacted":true"#,
            #""control":"note","text":"anna""#)
        #expect(try events(export(people, "anna")).count == 1)
    }

    @Test func `what was refused of hers and is still kept is in it`() throws {
        let people = try KnownPeople(#""type":"click","customer":"anna""#)
        let entries = [
            #"{"time":"t","reason":"unknown_type","line":"{\"type\":\"x\",\"customer\":\"an\\u006ea\"}"}"#,
            #"{"time":"t","reason":"unknown_type","line":"{\"type\":\"x\",\"customer\":\"bert\"}"}"#,
            #"{"time":"t","reason":"r","line":"{\"customer\":\"anna\",\"referred\":\"bert\"}"}"#,
            #"{"time":"t","reason":"malformed_json","line":"{anna"}"#,
        ]
        var text = ""
        let person = try Person.find("anna", in: people.reader)
        try PersonExport(person, write: { text += $0 }).run(
            people.reader, events: people.each, refused: entries.map { Array($0.utf8)[...] })
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let refused = try #require(object?["refused"] as? [[String: Any]])
        #expect(refused.map { $0["reason"] as? String } == ["unknown_type"])
        #expect(!text.contains("bert"))
    }
}
