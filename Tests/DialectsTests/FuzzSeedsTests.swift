import Dialects
import TestSupport
import Testing

/// The seeds of `deploy/fuzz body` and `deploy/fuzz query`.
struct FuzzSeedsTests {
    @Test(arguments: try Repository.fixtures("fuzz/body"))
    func `a body's lines are no longer than it`(_ seed: Fixture) {
        var lines = 0
        seed.bytes.withUnsafeBufferPointer { body in
            Body.eachLine(of: body) { line in
                lines += 1
                #expect(line.count <= body.count)
            }
        }
        #expect(lines > 0 && lines <= seed.bytes.count)
    }

    @Test(arguments: try Repository.fixtures("fuzz/form"))
    func `a form is read whole`(_ seed: Fixture) {
        let type = "multipart/form-data; boundary=b"
        let isMultipart = seed.bytes.starts(with: "--b".utf8)
        let form = Form(body: seed.bytes, contentType: isMultipart ? type : nil)
        #expect(form?.value("List-Unsubscribe") == "One-Click")
    }

    @Test(arguments: try Repository.fixtures("fuzz/query"))
    func `a query becomes one object on one line`(_ seed: Fixture) {
        let text = String(decoding: seed.bytes, as: UTF8.self)
        for defaults in [QueryEvent.Defaults(), .init(type: "click", url: text, target: text)] {
            let line = QueryEvent(query: seed.bytes, defaults: defaults).line
            #expect(line.first == UInt8(ascii: "{") && line.last == UInt8(ascii: "}"))
            #expect(!line.contains(10))
        }
    }
}
