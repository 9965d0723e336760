import Engagement
import Testing

@testable import Admission

/// A door to the site `shop`, and what came of lines put through it.
private struct Gates {
    let suppression = Suppression()
    let sites = SiteBook([
        Site(name: "shop", keys: ["a-long-write-key"], origins: ["https://shop.example"]),
        Site(name: "blog", keys: ["another-long-key"]), Site(name: "open", isOpen: true),
        Site(name: "news", keys: ["a-key-for-two-sites"]),
        Site(name: "mail", keys: ["a-key-for-two-sites"]),
    ])
    let admission: Admission
    let batch = Batch()

    init() { admission = Admission(suppression: suppression) }

    func door(
        _ key: String = "a-long-write-key", origin: String? = nil, refuses: Bool = false,
        machine: MachineReason? = nil
    ) -> Door {
        Door(
            via: .tcp, grant: sites.grant(key: Array(key.utf8), fromLoopback: true),
            origin: origin, refusesTracking: refuses, machine: machine)
    }

    /// nil: accepted.
    func reason(_ line: String, _ door: Door? = nil) -> Reason? { reason(Array(line.utf8), door) }

    func reason(_ line: [UInt8], _ door: Door? = nil) -> Reason? {
        let step = line.withUnsafeBufferPointer {
            admission.admit(
                $0.baseAddress!, from: 0, limit: $0.count, door: door ?? self.door(), into: batch)
        }
        if case .rejected(let rejection) = step.verdict { return rejection.reason }
        return nil
    }

    /// The last admitted line as it will be stored behind seq, received and via.
    var stored: String {
        let line = batch.lines[batch.lineCount - 1]
        func text(_ offset: UInt32, _ count: Int) -> String {
            String(
                decoding: UnsafeRawBufferPointer(start: batch.bytes + Int(offset), count: count),
                as: UTF8.self)
        }
        return text(line.prefixOffset, Int(line.prefixLength)) + text(line.offset, Int(line.length))
    }

    func value(_ field: Field) -> String? {
        let record = Record(batch: batch, index: batch.lineCount - 1)
        return record.first(field).map { String(decoding: record.bytes($0), as: UTF8.self) }
    }
}

struct AdmissionTests {
    @Test func `a good line is stored byte for byte`() {
        let gates = Gates()
        let rest = #""type":"page_view","id":"e1", "site":"shop","odd":1.50,"customer":"c"}"#
        #expect(gates.reason("{" + rest + "\n") == nil)
        #expect(gates.stored == rest)
        #expect(gates.value(.customer) == "c")
    }

    @Test func `the site comes from the key when the line leaves it out`() {
        let gates = Gates()
        #expect(gates.reason(#"{"type":"click"}"#) == nil)
        #expect(gates.stored == #""site":"shop","type":"click"}"#)
        #expect(gates.value(.site) == "shop")
        #expect(gates.batch.lines[0].traits.contains(.madeID))
    }

    @Test func `escapes are read where they stand and kept as they were`() {
        let gates = Gates()
        #expect(gates.reason(#"{"ty\u0070e":"click","customer":"\u00c4\"x"}"#) == nil)
        #expect(gates.value(.customer) == "Ä\"x")
        #expect(gates.stored.contains(#""customer":"\u00c4\"x""#))
    }

    static let refusals: [(String, Reason)] = [
        ("{\"type\":\"click\"", .malformedJSON), ("[1]", .malformedJSON),
        ("nonsense", .malformedJSON),
        (#"{"type":"click","type":"click"}"#, .malformedJSON),
        (#"{"type":"click","seq":1}"#, .reservedField),
        (#"{"type":"click","received":null}"#, .reservedField),
        (#"{"type":"click","via":"x"}"#, .reservedField),
        (#"{"type":"click","control":""}"#, .reservedField),
        (#"{"type":"click","redacted":true}"#, .reservedField),
        (#"{"type":"click","site":"blog"}"#, .unknownKey),
        (#"{"type":"click","site":""}"#, .invalidField),
        (#"{"type":"click","site":null}"#, .invalidField),
        (#"{"type":"click","site":7}"#, .invalidField),
        (#"{"id":"x"}"#, .unknownType), (#"{"type":"nope"}"#, .unknownType),
        (#"{"type":7}"#, .unknownType), (#"{"type":""}"#, .unknownType),
        (#"{"type":"click","id":""}"#, .invalidField),
        (#"{"type":"click","id":null}"#, .invalidField),
        (#"{"type":"click","customer":42}"#, .invalidField),
        (#"{"type":"click","x":{"y":1}}"#, .invalidField),
        (#"{"type":"click","x":[]}"#, .invalidField),
        (#"{"type":"click","customer":"\ud800"}"#, .invalidUTF8),
        (#"{"type":"click","customer":"a\u0000"}"#, .invalidField),
        (#"{"type":"click","actor":"cat"}"#, .invalidField),
        (#"{"type":"newsletter_clicked","newsletter":"n","issue":"1"}"#, .missingField),
        (#"{"type":"newsletter_sent","newsletter":"n","issue":""}"#, .missingField),
        (#"{"type":"identify","customer":"c"}"#, .missingField),
        (#"{"type":"profile","email":"a@b"}"#, .missingField),
        (#"{"type":"spend","amount":1,"currency":"EUR"}"#, .missingField),
        (#"{"type":"order","order":"o","amount":12.5,"currency":"EUR"}"#, .invalidField),
        (#"{"type":"order","order":"o","amount":-1,"currency":"EUR"}"#, .invalidField),
        (#"{"type":"order","order":"o","amount":100000000001,"currency":"EUR"}"#, .invalidField),
        (
            #"{"type":"order","order":"o","amount":99999999999999999999999,"currency":"EUR"}"#,
            .invalidField
        ),
        (#"{"type":"order","order":"o","amount":1,"currency":"eur"}"#, .invalidField),
        (
            #"{"type":"newsletter_bounced","newsletter":"n","issue":"1","hard":"yes"}"#,
            .invalidField
        ),
        (#"{"type":"feedback","kind":"survey","score":6,"scale":5}"#, .invalidField),
        (#"{"type":"feedback","kind":"rumour"}"#, .invalidField),
        (
            #"{"type":"preference","customer":"c","kind":"contact","channel":"x","stance":"like"}"#,
            .invalidField
        ),
    ]

    @Test(arguments: refusals)
    func `a bad line gets its reason`(_ line: String, _ reason: Reason) {
        let gates = Gates()
        #expect(gates.reason(line) == reason)
        #expect(gates.batch.lineCount == 0)
        // And costs the next one nothing.
        #expect(gates.reason(#"{"type":"click"}"#) == nil)
    }

    @Test func `keys of 200 bytes pass, of 201 don't; texts of 2,048 pass, of 2,049 don't`() {
        let gates = Gates()
        for (field, limit) in [("customer", 200), ("url", 2_048), ("email", 2_048)] {
            for (length, expected) in [(limit, nil), (limit + 1, Reason.invalidField)] {
                let value = String(repeating: "x", count: length)
                #expect(gates.reason("{\"type\":\"click\",\"\(field)\":\"\(value)\"}") == expected)
            }
        }
        // Bytes count, not characters, and not the escapes they are written with.
        let umlauts = String(repeating: #"\u00e4"#, count: 100)
        #expect(gates.reason("{\"type\":\"click\",\"customer\":\"\(umlauts)\"}") == nil)
    }

    @Test func `a line may be 64 KiB long and no longer, whatever is wrong with it`() {
        let gates = Gates()
        let head = #"{"type":"click","x":""#
        let fill = String(repeating: "x", count: Batch.maximumLineBytes - head.utf8.count - 2)
        #expect(gates.reason(head + fill + "\"}\n") == nil)
        #expect(gates.reason(head + fill + "x\"}\n") == .tooLarge)
        #expect(gates.reason(String(repeating: "x", count: 70_000)) == .tooLarge)
    }

    @Test func `gates refuse in their order`() {
        let gates = Gates()
        let none = gates.door("no-such-key-at-all")
        #expect(gates.reason([0xff], none) == .invalidUTF8)
        #expect(gates.reason("{", none) == .malformedJSON)
        #expect(gates.reason(#"{"seq":1}"#, none) == .reservedField)
        #expect(gates.reason(#"{"type":"nope"}"#, none) == .unknownKey)
        let elsewhere = gates.door(origin: "https://evil.example")
        #expect(gates.reason(#"{"type":"nope"}"#, elsewhere) == .forbiddenOrigin)
        #expect(
            gates.reason(#"{"type":"click"}"#, gates.door(origin: "https://shop.example")) == nil)
    }

    @Test func `a key that opens two sites needs the site named`() {
        let gates = Gates()
        let door = gates.door("a-key-for-two-sites")
        #expect(gates.reason(#"{"type":"click"}"#, door) == .missingField)
        #expect(gates.reason(#"{"type":"click","site":"mail"}"#, door) == nil)
        #expect(gates.reason(#"{"type":"click","site":"shop"}"#, door) == .unknownKey)
    }

    @Test func `open sites are for loopback`() {
        let gates = Gates()
        #expect(gates.sites.grant(key: [UInt8](), fromLoopback: false) == nil)
        #expect(
            gates.sites.grant(key: [UInt8](), fromLoopback: true)?.onlySite == Array("open".utf8))
        #expect(gates.sites.grant(key: Array("a-long-write-kez".utf8), fromLoopback: true) == nil)
        #expect(gates.sites.grant(key: Array("a-long-write-key2".utf8), fromLoopback: true) == nil)
    }

    @Test func `machines are marked, unless the line says who acted`() {
        let gates = Gates()
        let bot = gates.door(machine: .crawler)
        #expect(gates.reason(#"{"type":"page_view"}"#, bot) == nil)
        #expect(gates.stored.hasPrefix(#""site":"shop","actor":"bot","actor_reason":"crawler","#))
        #expect(gates.value(.actor) == "bot")
        #expect(gates.reason(#"{"type":"page_view","actor":"human"}"#, bot) == nil)
        #expect(gates.value(.actor) == "human")
        #expect(gates.reason(#"{"type":"lead"}"#, bot) == nil)
        #expect(gates.value(.actor) == nil)
    }
}

struct PermissionGateTests {
    private static let view =
        #"{"type":"page_view","id":"e","customer":"anna","visitor":"v1","url":"https://x/anna","content_kind":"blog","title":"Hej \"du\""}"#

    @Test func `who withdrew loses her fields, and gets them back when she grants`() {
        let gates = Gates()
        let withdraw = #"{"type":"permission_withdrawn","purpose":"tracking","customer":"anna"}"#
        #expect(gates.reason(withdraw) == nil)
        #expect(gates.reason(Self.view) == nil)
        #expect(
            gates.stored
                == #""site":"shop","type":"page_view","id":"e","content_kind":"blog","redacted":true}"#
        )
        #expect(gates.value(.customer) == nil)
        #expect(gates.value(.contentKind) == "blog")
        let line = gates.batch.lines[gates.batch.lineCount - 1]
        #expect(line.traits.contains(.redacted))

        let others = Self.view.replacing("anna", with: "bert")
        #expect(gates.reason(others) == nil)
        #expect(gates.value(.customer) == "bert")

        #expect(gates.reason(withdraw.replacing("withdrawn", with: "granted")) == nil)
        #expect(gates.reason(Self.view) == nil)
        #expect(gates.value(.customer) == "anna")
    }

    @Test func `a visitor is suppressed on her own site`() {
        let gates = Gates()
        #expect(
            gates.reason(#"{"type":"permission_withdrawn","purpose":"tracking","visitor":"v1"}"#)
                == nil)
        #expect(gates.reason(#"{"type":"click","visitor":"v1"}"#) == nil)
        #expect(gates.value(.visitor) == nil)
        #expect(
            gates.reason(#"{"type":"click","visitor":"v1"}"#, gates.door("another-long-key")) == nil
        )
        #expect(gates.value(.visitor) == "v1")
    }

    @Test func `what means nothing without a person is refused`() {
        let gates = Gates()
        let door = gates.door(refuses: true)
        #expect(
            gates.reason(#"{"type":"profile","customer":"c","email":"a@b"}"#, door) == .optedOut)
        #expect(
            gates.reason(#"{"type":"identify","customer":"c","visitor":"v"}"#, door) == .optedOut)
        #expect(gates.reason(#"{"type":"page_view","visitor":"v"}"#, door) == nil)
        #expect(gates.value(.visitor) == nil)
        #expect(gates.reason(#"{"type":"permission_withdrawn","customer":"c"}"#, door) == nil)
        #expect(gates.value(.customer) == "c")
    }
}
