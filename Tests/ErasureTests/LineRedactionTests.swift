import Erasure
import Foundation
import Testing

/// What becomes of single lines. Each log is one segment; the erasure is of `c/ann` or `v/shop/v1`
/// through the last line.
@Suite struct LineRedactionTests {
    /// The client's part of each line after the erasure; nil where it stays as it was.
    private func expect(
        erasing subjects: [String] = ["c/ann", "v/shop/v1"], through seq: UInt64? = nil,
        _ pairs: [(String, String?)], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let rig = Rig()
        try rig.write([[pairs.map(\.0)]])
        let before = try rig.lines
        let after = try rig.erased(
            subjects.map { ErasedSubject(subject: $0, seq: seq ?? UInt64(pairs.count)) })
        #expect(after.count == pairs.count, sourceLocation: sourceLocation)
        for (i, pair) in pairs.enumerated() {
            let start = try #require(before[i].range(of: "\"via\":\"tcp\","))
            let front = String(before[i][..<start.upperBound])
            let expected = pair.1.map { front + $0.dropFirst() } ?? before[i]
            #expect(after[i] == expected, sourceLocation: sourceLocation)
        }
    }

    @Test func `her lines keep what totals need, byte for byte and in their order`() throws {
        try expect([
            (
                #"{"type":"order", "id":"o-1","amount": 1299 ,"name":"x","customer":"ann","site":"shop","#
                    + #""time":"2026-01-01T00:00:00\u005A","order":"A\/1","currency":"EUR","thread":"t","own":[1]}"#,
                #"{"type":"order","id":"o-1","amount":1299,"site":"shop","#
                    + #""time":"2026-01-01T00:00:00\u005A","order":"A\/1","currency":"EUR","redacted":true}"#
            ),
            (
                #"{"type":"page_view","id":"p","site":"shop","visitor":"v1","url":"/x","content":"c"}"#,
                #"{"type":"page_view","id":"p","site":"shop","content":"c","redacted":true}"#
            ),
            (
                #"{"type":"forget","id":"f","site":"shop","customer":"ann","visitor":"v1"}"#,
                #"{"type":"forget","id":"f","site":"shop","redacted":true}"#
            ),
        ])
    }

    @Test func `lines of others lose the field that names her, and nothing else`() throws {
        try expect([
            (
                #"{"type":"identify","id":"i","site":"shop","customer":"bob","visitor":"v1","own":{"a":"v1"}}"#,
                #"{"type":"identify","id":"i","site":"shop","customer":"bob","erased":"visitor","own":{"a":"v1"}}"#
            ),
            (
                #"{"type":"alias","id":"a","customer":"bob","into" : "ann" ,"site":"shop"}"#,
                #"{"type":"alias","id":"a","customer":"bob","erased":"into" ,"site":"shop"}"#
            ),
            (
                #"{"type":"referral","id":"r","site":"shop","customer":"bob","referred":"ann"}"#,
                #"{"type":"referral","id":"r","site":"shop","customer":"bob","erased":"referred"}"#
            ),
            (
                #"{"type":"order","id":"o","visitor":"v1","site":"shop","customer":"bob","order":"1","amount":1,"currency":"EUR"}"#,
                #"{"type":"order","id":"o","erased":"visitor","site":"shop","customer":"bob","order":"1","amount":1,"currency":"EUR"}"#
            ),
        ])
    }

    @Test func `who isn't meant stays`() throws {
        try expect([
            (#"{"type":"click","id":"1","site":"shop","customer":"Ann"}"#, nil),
            (#"{"type":"click","id":"2","site":"shop","customer":"annette"}"#, nil),
            (#"{"type":"click","id":"3","site":"blog","visitor":"v1"}"#, nil),
            (#"{"type":"click","id":"4","site":"shop","visitor":"ann","target":"ann"}"#, nil),
            (#"{"type":"click","id":"ann","site":"shop","customer":"v1"}"#, nil),
            (#"{"type":"click","id":"5","site":"shop","own":{"customer":"ann"}}"#, nil),
            (#"{"type":"click","id":"6","site":"shop","customer":null,"visitor":""}"#, nil),
        ])
    }

    @Test func `lines after her last forget are a new person's`() throws {
        try expect(
            through: 2,
            [
                (
                    #"{"type":"click","id":"1","site":"shop","customer":"ann"}"#,
                    #"{"type":"click","id":"1","site":"shop","redacted":true}"#
                ),
                (
                    #"{"type":"forget","id":"2","site":"shop","customer":"ann","visitor":"v1"}"#,
                    #"{"type":"forget","id":"2","site":"shop","redacted":true}"#
                ),
                (#"{"type":"click","id":"3","site":"shop","customer":"ann","visitor":"v1"}"#, nil),
            ])
    }

    @Test(arguments: [
        #"ann@x"#, #"ann\u0040x"#, #"\u0061nn@x"#, #"\u0061\u006e\u006e\u0040\u0078"#,
    ])
    func `an id is known in every spelling, and so is a key`(id: String) throws {
        try expect(
            erasing: ["c/ann@x"],
            [
                (
                    #"{"type":"click","id":"1","site":"shop","customer":"\#(id)"}"#,
                    #"{"type":"click","id":"1","site":"shop","redacted":true}"#
                ),
                (
                    #"{"type":"alias","id":"2","site":"shop","customer":"bob","\u0069nto":"\#(id)"}"#,
                    #"{"type":"alias","id":"2","site":"shop","customer":"bob","erased":"into"}"#
                ),
                (
                    #"{"type":"click","id":"3","site":"shop","custome\u0072":"\#(id)","target":"\\"}"#,
                    #"{"type":"click","id":"3","site":"shop","redacted":true}"#
                ),
            ])
    }

    @Test(arguments: [
        (#"a/b/c"#, #"a/b/c"#), (#"q"x"#, #"q\"x"#), (#"b\x"#, #"b\\x"#), ("zoë", "zoë"),
        ("日", #"\u65e5"#), ("😀", #"\ud83d\ude00"#), (" ", " "),
    ])
    func `ids may hold whatever a text may`(id: String, written: String) throws {
        try expect(
            erasing: ["c/\(id)", "v/shop/\(id)"],
            [
                (
                    #"{"type":"click","id":"1","site":"shop","customer":"\#(written)"}"#,
                    #"{"type":"click","id":"1","site":"shop","redacted":true}"#
                ),
                (
                    #"{"type":"click","id":"2","site":"shop","customer":"b","visitor":"\#(written)"}"#,
                    #"{"type":"click","id":"2","site":"shop","customer":"b","erased":"visitor"}"#
                ),
            ])
    }

    @Test func `ids that a reader of text may take for one are two`() throws {
        // é as one scalar and as two.
        try expect(
            erasing: ["c/\u{e9}"],
            [
                (
                    "{\"type\":\"click\",\"id\":\"1\",\"site\":\"shop\",\"customer\":\"\u{e9}\"}",
                    #"{"type":"click","id":"1","site":"shop","redacted":true}"#
                ),
                (
                    "{\"type\":\"click\",\"id\":\"2\",\"site\":\"shop\",\"customer\":\"e\u{301}\"}",
                    nil
                ),
            ])
    }

    @Test func `where she was opted out, a line that names her beside another counted for nobody`()
        throws
    {
        let withdrawn = #""type":"permission_withdrawn","site":"shop","purpose":"tracking""#
        let granted = #""type":"permission_granted","site":"shop","purpose":"tracking""#
        func order(_ id: String) -> String {
            #"{"type":"contact","id":"\#(id)","site":"shop","customer":"bob","visitor":"v1","direction":"in","channel":"web"}"#
        }
        func lost(_ id: String) -> String {
            #"{"type":"contact","id":"\#(id)","site":"shop","customer":"bob","erased":"visitor","direction":"in","channel":"web"}"#
        }
        func reduced(_ id: String) -> String {
            #"{"type":"contact","id":"\#(id)","site":"shop","channel":"web","redacted":true}"#
        }
        try expect(
            erasing: ["v/shop/v1"],
            [
                (order("1"), lost("1")),
                // Another purpose.
                (
                    #"{"type":"permission_withdrawn","id":"2","site":"shop","visitor":"v1"}"#,
                    #"{"type":"permission_withdrawn","id":"2","site":"shop","redacted":true}"#
                ),
                (order("3"), lost("3")),
                (
                    "{\(withdrawn),\"id\":\"4\",\"visitor\":\"v1\"}",
                    #"{"type":"permission_withdrawn","site":"shop","id":"4","redacted":true}"#
                ),
                (order("5"), reduced("5")),
                (
                    "{\(granted),\"id\":\"6\",\"visitor\":\"v1\",\"customer\":\"bob\"}",
                    "{\(granted),\"id\":\"6\",\"erased\":\"visitor\",\"customer\":\"bob\"}"
                ),
                (order("7"), lost("7")),
                // The first withdrawal sent again counts no more.
                (
                    "{\(withdrawn),\"id\":\"4\",\"visitor\":\"v1\"}",
                    #"{"type":"permission_withdrawn","site":"shop","id":"4","redacted":true}"#
                ),
                (order("9"), lost("9")),
            ])
    }

    @Test func `an answer about tracking goes on to hold for the other one it names`() throws {
        let withdrawn =
            #""type":"permission_withdrawn","id":"1","site":"shop","purpose":"tracking""#
        try expect(
            erasing: ["c/ann"],
            [
                (
                    "{\(withdrawn),\"customer\":\"ann\",\"visitor\":\"v9\",\"source\":\"x\"}",
                    "{\(withdrawn),\"visitor\":\"v9\",\"redacted\":true}"
                ),
                (
                    "{\(withdrawn),\"customer\":\"ann\",\"source\":\"x\"}",
                    #"{"type":"permission_withdrawn","id":"1","site":"shop","redacted":true}"#
                ),
            ])
        try expect(
            erasing: ["v/shop/v1"],
            [
                (
                    #"{"type":"permission_granted","id":"2","site":"shop","customer":"bob","visitor":"v1","topic":"t"}"#,
                    #"{"type":"permission_granted","id":"2","site":"shop","customer":"bob","erased":"visitor","topic":"t"}"#
                ),
                (
                    "{\(withdrawn),\"customer\":\"bob\",\"visitor\":\"v1\",\"source\":\"x\"}",
                    "{\(withdrawn),\"customer\":\"bob\",\"erased\":\"visitor\",\"source\":\"x\"}"
                ),
            ])
        try expect(
            erasing: ["c/ann", "v/shop/v1"],
            [
                (
                    "{\(withdrawn),\"customer\":\"ann\",\"visitor\":\"v1\"}",
                    #"{"type":"permission_withdrawn","id":"1","site":"shop","redacted":true}"#
                )
            ])
    }

    @Test func `erased says what a line that joins two people misses, and not what it doesn't`()
        throws
    {
        try expect(
            [
                (
                    #"{"type":"alias","id":"1","site":"shop","customer":"bob","visitor":"v1","into":"kim"}"#,
                    #"{"type":"alias","id":"1","site":"shop","customer":"bob","into":"kim"}"#
                ),
                (
                    #"{"type":"alias","id":"2","site":"shop","customer":"bob","visitor":"v1","into":"ann"}"#,
                    #"{"type":"alias","id":"2","site":"shop","customer":"bob","erased":"into"}"#
                ),
                (
                    #"{"type":"click","id":"3","site":"shop","into":"ann","customer":"bob","visitor":"v1"}"#,
                    #"{"type":"click","id":"3","site":"shop","erased":"into","customer":"bob"}"#
                ),
            ])
    }

    @Test func `a line that was changed for one person is changed again for another`() throws {
        let rig = Rig()
        try rig.write([
            [
                [
                    #"{"type":"click","id":"1","site":"shop","into":"ann","customer":"bob","visitor":"v1"}"#,
                    #"{"type":"alias","id":"2","site":"shop","into":"ann","customer":"bob","visitor":"v1"}"#,
                    #"{"type":"identify","id":"3","site":"shop","visitor":"v1","customer":"bob"}"#,
                ]
            ]
        ])
        for subject in ["c/ann", "v/shop/v1"] {
            _ = try rig.erased([ErasedSubject(subject: subject, seq: 3)])
        }
        let between = try rig.lines
        #expect(
            between[0].hasSuffix(#""id":"1","site":"shop","customer":"bob","erased":"visitor"}"#))
        #expect(between[1].hasSuffix(#""id":"2","site":"shop","erased":"into","customer":"bob"}"#))
        #expect(
            between[2].hasSuffix(#""id":"3","site":"shop","erased":"visitor","customer":"bob"}"#))
        let last = try rig.erased([ErasedSubject(subject: "c/bob", seq: 3)])
        for line in last { #expect(line.hasSuffix(#""site":"shop","redacted":true}"#)) }
        #expect(try rig.generations() == [3])
    }

    @Test func `a forget that was sent again forgets nothing, but it names her no more`() throws {
        let rig = Rig()
        let forget = #"{"type":"forget","id":"2","site":"shop","customer":"ann","visitor":"v1"}"#
        let click = #"{"type":"click","id":"c","site":"shop","customer":"ann"}"#
        try rig.write([[[click, forget, click, forget, click]]])
        let before = try rig.lines
        let after = try rig.erased(
            ["c/ann", "v/shop/v1"].flatMap {
                [
                    ErasedSubject(subject: $0, seq: 2),
                    ErasedSubject(subject: $0, seq: 4, isAlone: true),
                ]
            })
        #expect(after.map { $0.contains("redacted") } == [true, true, false, true, false])
        #expect((after[2], after[4]) == (before[2], before[4]))
        #expect(!after[3].contains("ann") && !after[3].contains("v1"))
    }

    @Test func `many people are erased in one pass`() throws {
        let rig = Rig()
        try rig.write([
            [
                (1...100).map {
                    #"{"type":"click","id":"\#($0)","site":"shop","customer":"k\#($0)"}"#
                }
            ]
        ])
        let before = try rig.lines
        let chosen = stride(from: 2, through: 100, by: 2).map {
            ErasedSubject(subject: "c/k\($0)", seq: 100)
        }
        let after = try rig.erased(chosen)
        for i in 0..<100 {
            let isErased = (i + 1) % 2 == 0
            #expect((after[i] == before[i]) != isErased)
            #expect(after[i].contains("redacted") == isErased)
        }
    }
}
