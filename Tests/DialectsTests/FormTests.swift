import Dialects
import TestSupport
import Testing

@Suite struct FormTests {
    static let oneClick = "List-Unsubscribe=One-Click"

    static func multipart(_ fields: [(String, String)], boundary: String = "b-1") -> String {
        fields.map {
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"\($0.0)\"\r\n\r\n\($0.1)\r\n"
        }.joined() + "--\(boundary)--\r\n"
    }

    static func form(_ body: String, _ type: String? = nil) -> Form? {
        Form(body: Array(body.utf8), contentType: type)
    }

    @Test(arguments: [
        (oneClick, "application/x-www-form-urlencoded"),
        (oneClick, "application/x-www-form-urlencoded; charset=UTF-8"),
        ("List%2dUnsubscribe=One%2DClick&x=", "text/plain"), (oneClick, nil),
        (multipart([("List-Unsubscribe", "One-Click")]), "multipart/form-data; boundary=b-1"),
        (
            multipart([("a", "b\r\nc"), ("List-Unsubscribe", "One-Click")]),
            "Multipart/Form-Data; charset=utf-8; Boundary=\"b-1\""
        ),
        (
            "preamble\r\n" + multipart([("List-Unsubscribe", "One-Click")]) + "epilogue",
            "multipart/form-data;boundary=b-1"
        ),
        (
            "--b\r\nX: y\r\ncontent-disposition: form-data; filename=\"f\"; name=List-Unsubscribe\r\nContent-Type: text/plain\r\n\r\nOne-Click\r\n--b--",
            "multipart/form-data; boundary=b"
        ),
    ])
    func `one click is understood in every form that it comes in`(_ body: String, _ type: String?) {
        #expect(Self.form(body, type)?.value("List-Unsubscribe") == "One-Click")
    }

    @Test(arguments: [
        ("", "multipart/form-data"), ("--b--", "multipart/form-data; boundary="),
        ("--b\r\n", "multipart/form-data; boundary=b"), ("--b", "multipart/form-data; boundary=b"),
        (
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
            "multipart/form-data; boundary=b"
        ),
        ("--b\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b"),
        ("--b\r\nno blank line\r\n--b--", "multipart/form-data; boundary=b"),
        ("--b\r\n--b--", "multipart/form-data; boundary=b"),
        ("a=%ff", "application/x-www-form-urlencoded"), ("%c3=1", nil),
        (String(repeating: "a=1&", count: Form.maximumFields + 1), nil),
        (
            multipart((0...Form.maximumFields).map { ("\($0)", "x") }),
            "multipart/form-data; boundary=b-1"
        ),
        (
            "--b\r\nContent-Disposition: form-data; name=\"\(String(repeating: "n", count: 3_000))\"\r\n\r\nx\r\n--b--",
            "multipart/form-data; boundary=b"
        ),
        (
            multipart([("a", "b")], boundary: String(repeating: "x", count: 71)),
            "multipart/form-data; boundary=" + String(repeating: "x", count: 71)
        ),
    ])
    func `what isn't whole or isn't one is no form`(_ body: String, _ type: String?) {
        #expect(Self.form(body, type) == nil)
    }

    @Test func `both forms say the same`() {
        let fields = [("topic", "weekly"), ("topic", "a b"), ("frequency", ""), ("ä", "=&\r\n")]
        let encoded = fields.map { name, value in
            [name, value].map { text in
                text.utf8.map { "%" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
                    .joined()
            }.joined(separator: "=")
        }.joined(separator: "&")
        let plain = Self.form(encoded)
        #expect(plain == Self.form(Self.multipart(fields), "multipart/form-data; boundary=b-1"))
        #expect(plain?.values("topic") == ["weekly", "a b"])
        #expect(plain?.value("frequency") == "" && plain?.value("none") == nil)
    }

    @Test func `any bytes become a bounded form or none`() {
        let seed = UInt64.random(in: .min ... .max)
        print("forms, seed \(seed)")
        var random = SeededRNG(seed)
        let seeds = [
            Self.multipart([("List-Unsubscribe", "One-Click"), ("a", "b")]), Self.oneClick,
            "a=b&c=%41+%zz&=&&x",
        ].map { Array($0.utf8) }
        let pieces = [
            "\r\n", "--b-1", "--", "name=", "\"", ";", "&", "=", "%", "\r\n\r\n", "\u{0}",
        ]
        var found = 0
        for _ in 0..<30_000 {
            var body = seeds.randomElement(using: &random)!
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let at = Int.random(in: 0...body.count, using: &random)
                switch Int.random(in: 0...3, using: &random) {
                case 0 where at < body.count:
                    body[at] = UInt8.random(in: .min ... .max, using: &random)
                case 1: body.insert(contentsOf: pieces.randomElement(using: &random)!.utf8, at: at)
                case 2: body.removeSubrange(at..<Int.random(in: at...body.count, using: &random))
                default: body.append(contentsOf: body[at...])
                }
                if body.count > 4_000 { body.removeLast(body.count - 4_000) }
            }
            for type in [nil, "multipart/form-data; boundary=b-1"] {
                guard let form = Form(body: body, contentType: type) else { continue }
                found += 1
                #expect(form.fields.count <= Form.maximumFields)
                let bytes = form.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
                #expect(bytes <= body.count)
            }
        }
        #expect(found > 1_000)
    }
}
