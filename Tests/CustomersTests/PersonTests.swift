import Customers
import Testing

@Suite("Who is meant") struct PersonTests {
    private static let lines = [
        #""type":"identify","customer":"anna","visitor":"v1""#,
        #""type":"alias","customer":"ann","into":"anna""#,
        #""type":"profile","customer":"anna","email":"a@x.example""#,
        #""type":"profile","customer":"bert","email":"shared@x.example""#,
        #""type":"profile","customer":"carl","email":"shared@x.example""#,
        #""type":"click","visitor":"alone""#,
    ]

    private func known() throws -> KnownPeople {
        let l = Self.lines
        return try KnownPeople(l[0], l[1], l[2], l[3], l[4], l[5])
    }

    @Test(arguments: ["anna", "ann", "c/ann", "v/shop/v1", "a@x.example"])
    func `a person is found under any of her names`(id: String) throws {
        let person = try Person.find(id, in: known().reader)
        #expect(person == Person(name: "c/anna", subjects: ["c/ann", "c/anna", "v/shop/v1"]))
    }

    @Test func `a visitor who never said who she is is a person of her own`() throws {
        #expect(try Person.find("v/shop/alone", in: known().reader).subjects == ["v/shop/alone"])
    }

    @Test func `an address that two gave means neither`() throws {
        let people = try known()
        #expect(throws: Person.NotFound.ambiguous("shared@x.example", ["c/bert", "c/carl"])) {
            try Person.find("shared@x.example", in: people.reader)
        }
        #expect(throws: Person.NotFound.unknown("nobody")) {
            try Person.find("nobody", in: people.reader)
        }
    }

    @Test func `who withdrew is still known to have done so`() throws {
        let people = try KnownPeople(
            #""type":"permission_withdrawn","purpose":"tracking","customer":"anna""#)
        let person = try Person.find("anna", in: people.reader)
        #expect(person.subjects == ["c/anna"])
        #expect(try PersonPage.text(person, people.reader).contains("tracking        withdrawn"))
    }
}
