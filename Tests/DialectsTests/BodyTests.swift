import Dialects
import Testing

private func lines(_ body: String) -> [String] {
    var out: [String] = []
    Array(body.utf8).withUnsafeBufferPointer {
        Body.eachLine(of: $0) { out.append(String(decoding: $0, as: UTF8.self)) }
    }
    return out
}

struct BodyTests {
    @Test(arguments: [
        ("", []), (" \n ", []),
        (#"{"a":1}"#, [#"{"a":1}"#]),
        ("{\"a\":1}\n{\"b\":2}\n", [#"{"a":1}"#, #"{"b":2}"#]),
        ("{\"a\":1}\n\n{\"b\":2}", [#"{"a":1}"#, "", #"{"b":2}"#]),
        ("{\n  \"a\": 1,\n  \"b\": \"x y\"\n}\n", [#"{"a":1,"b":"x y"}"#]),
        (#"[{"a":1},{"b":2}]"#, [#"{"a":1}"#, #"{"b":2}"#]),
        ("[\n {\"a\": 1},\n {\"b\":\n2}\n]\n", [#"{"a": 1}"#, #"{"b":2}"#]),
        ("[]", []),
        ("{\"a\":1\n{\"b\":2}", ["{\"a\":1", #"{"b":2}"#]),
    ])
    func `objects, arrays and lines are taken apart`(_ body: String, _ expected: [String]) {
        #expect(lines(body) == expected)
    }

    @Test(arguments: [
        (#"[{"a":1},nonsense,{"b":2}]"#, [#"{"a":1}"#, "nonsense", #"{"b":2}"#]),
        (#"[{"a":1},{"b":2"#, [#"{"a":1}"#, #"{"b":2"#]),
        (#"[{"a":1}"#, [#"{"a":1}"#, "}"]),
        (#"[{"a":1}] x"#, [#"{"a":1}"#, "x"]),
        (#"[{"a":1},]"#, [#"{"a":1}"#, "]"]),
        ("[", ["["]),
    ])
    func `a broken array costs its good elements nothing`(_ body: String, _ expected: [String]) {
        #expect(lines(body) == expected)
    }

    @Test(arguments: 0..<4)
    func `no bytes trap it`(_ seed: UInt64) {
        var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        let alphabet = Array("[]{}\",:\\\n a1".utf8)
        for _ in 0..<5_000 {
            var body: [UInt8] = []
            for _ in 0..<(state % 24) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                body.append(alphabet[Int(state >> 40) % alphabet.count])
            }
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            body.withUnsafeBufferPointer { Body.eachLine(of: $0) { _ in } }
        }
    }
}

struct QueryEventTests {
    @Test(arguments: [
        ("", #"{"type":"page_view"}"#),
        (
            "type=click&url=https%3A%2F%2Fx%2F%3Fa%3Db&customer=a+b",
            #"{"type":"click","url":"https://x/?a=b","customer":"a b"}"#
        ),
        (
            "type=order&amount=199&hard=true&currency=EUR",
            #"{"type":"order","amount":199,"hard":true,"currency":"EUR"}"#
        ),
        (
            "amount=1.5&quantity=007&score=",
            #"{"amount":"1.5","quantity":"007","type":"page_view"}"#
        ),
        ("title=%22%5C%0a&x=%zz%4", #"{"title":"\"\\\u000a","x":"%zz%4","type":"page_view"}"#),
        ("&&=x&a", #"{"type":"page_view"}"#),
    ])
    func `parameters become a line`(_ query: String, _ line: String) {
        #expect(String(decoding: QueryEvent(query: Array(query.utf8)).line, as: UTF8.self) == line)
    }

    @Test func `the key is no field`() {
        let event = QueryEvent(query: Array("key=s%2Bcret&id=1".utf8))
        #expect(event.key == Array("s+cret".utf8))
        #expect(String(decoding: event.line, as: UTF8.self) == #"{"id":"1","type":"page_view"}"#)
    }

    @Test func `parameters are bounded`() {
        let query = (0..<500).map { "p\($0)=1" }.joined(separator: "&")
        let event = QueryEvent(query: Array(query.utf8))
        #expect(event.hasTooMany)
        #expect(!String(decoding: event.line, as: UTF8.self).contains("\"p100\""))
        #expect(!QueryEvent(query: Array(query.utf8.prefix(400))).hasTooMany)
    }
}

struct HelloTests {
    private func hello(_ text: String) -> Hello? {
        Array(text.utf8).withUnsafeBufferPointer { Hello($0) }
    }

    @Test func `a hello says version, acks and key`() {
        let hello = hello(#"{"hello":"engaged/1","acks":true,"key":"k"}"#)
        #expect(hello?.isKnownVersion == true && hello?.wantsAcks == true)
        #expect(hello?.key == Array("k".utf8))
    }

    @Test func `an event is no hello, and another version is told apart`() {
        #expect(hello(#"{"type":"click"}"#) == nil)
        #expect(hello("nonsense") == nil)
        #expect(hello(#"{"hello":"engaged/2"}"#)?.isKnownVersion == false)
    }
}
