import FuzzTargets
import TestSupport
import Testing

/// What is a request, and what is none: RFC 9112, and where the reader is stricter. That it never sees
/// what llhttp doesn't is for the fuzz target `framing` (Tests/FuzzTargets).
@Suite struct RequestReaderTests {
    private func read(_ text: String) -> [FramingTarget.Message] {
        FramingTarget.read([Array(text.utf8)])
    }

    @Test(arguments: [
        "GET /a?b=c HTTP/1.1\r\n\r\n", "\r\n\r\nGET /a?b=c HTTP/1.1\r\nX: y\r\n\r\n",
        "GET /a?b=c HTTP/1.1\r\nX:\r\nY:\t é \t\r\n\r\n",
    ])
    func `a head is taken apart`(_ text: String) throws {
        let one = try #require(read(text).first)
        #expect(one.method == "GET" && one.target == "/a?b=c" && !one.isOld && one.isWhole)
        #expect(one.body == [] && one.keepsAlive)
    }

    @Test
    func `headers are found whatever their case, in their order, without the blanks around them`()
        throws
    {
        let one = try #require(
            read(
                "GET / HTTP/1.1\r\nOrigin: a\r\nUSER-agent: \t b c \r\nother: x\r\nVia: 1\r\nvia:2\r\n\r\n"
            ).first)
        #expect(one.headers == ["origin: a", "user-agent: b c", "via: 1", "via: 2"])
    }

    @Test(arguments: [
        ("HTTP/1.1\r\n", true), ("HTTP/1.1\r\nConnection: close\r\n", false),
        ("HTTP/1.1\r\nConnection: x , CLOSE \r\n", false),
        ("HTTP/1.1\r\nConnection: closed\r\n", true),
        ("HTTP/1.0\r\n", false), ("HTTP/1.0\r\nConnection: Keep-Alive\r\n", true),
        ("HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n", false),
    ])
    func `a connection goes on as its version and its header say`(_ rest: String, _ goesOn: Bool) {
        #expect(read("GET / \(rest)\r\n").first?.keepsAlive == goesOn)
    }

    @Test
    func `bodies end where their length or their last chunk says, and the next request follows`() {
        let all = read(
            "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
                + "POST /b HTTP/1.1\r\ntransfer-encoding: CHUNKED\r\n\r\n3;x=y\r\nhel\r\n02\r\nlo\r\n0\r\nA: b\r\n\r\n"
                + "GET /c HTTP/1.1\r\n\r\n")
        #expect(all.map(\.target) == ["/a", "/b", "/c"])
        #expect(all.prefix(2).allSatisfy { $0.body == Array("hello".utf8) && $0.isWhole })
    }

    @Test(arguments: [
        // Lines.
        "GET / HTTP/1.1\n\n", "GET / HTTP/1.1\r\nA: b\n\r\n", "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
        "\nGET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\r\n A: b\r\n\r\n", "GET / HTTP/1.1\r\nA: b\u{0}\r\n\r\n",
        "GET / HTTP/1.1\r\nA: bbbbbbbbbbbb\u{7f}\r\n\r\n", "GET / HTTP/1.1\r\nA : b\r\n\r\n",
        "GET / HTTP/1.1\r\n: b\r\n\r\n", "GET / HTTP/1.1\r\nA\r\n\r\n",
        "GET / HTTP/1.1\r\nA(: b\r\n\r\n",
        // Request lines.
        "GET / HTTP/1.2\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / http/1.1\r\n\r\n",
        "GET /\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET /  HTTP/1.1\r\n\r\n",
        "GET / a HTTP/1.1\r\n\r\n", "GET /\tHTTP/1.1\r\n\r\n", " GET / HTTP/1.1\r\n\r\n",
        "get / HTTP/1.1\r\n\r\n", "GETS / HTTP/1.1\r\n\r\n", "GET p.gif HTTP/1.1\r\n\r\n",
        "GET /#a HTTP/1.1\r\n\r\n", "GET /é HTTP/1.1\r\n\r\n", "GET ** HTTP/1.1\r\n\r\n",
        "GET http://u@a/ HTTP/1.1\r\n\r\n", "GET http:///a HTTP/1.1\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\n\r\n", "GET /\u{7f} HTTP/1.1\r\n\r\n",
        // What frames: RFC 9112, 6.3, and 11.2 on smuggling.
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length: \r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length: 1 1\r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length: 1111111111111111111\r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length:\t1\r\n\r\nx",
        "GET / HTTP/1.1\r\nConnection: a,\tclose\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ])
    func `what another reader could take for something else is no head`(_ text: String) {
        #expect(read(text).isEmpty)
    }

    @Test(arguments: [
        "5\nhello\r\n", "5\rhello\r\n", "5 \r\nhello\r\n", " 5\r\nhello\r\n", "0x5\r\nhello\r\n",
        "-5\r\nhello\r\n", "\r\nhello\r\n", "5;\r\nhello\r\n", "5;a=\r\nhello\r\n",
        "5;a=\"b\"\r\nhello\r\n", "5;a b\r\nhello\r\n", "1000000000000000\r\nhello\r\n",
        "5\r\nhelloo\r\n", "5\r\nhello\n", "5\r\nhello\r0\r\n", "5\r\nhello0\r\n",
        "5;" + String(repeating: "a", count: 300) + "\r\nhello\r\n",
    ])
    func `what isn't a chunk ends it all`(_ chunk: String) {
        let all = read(
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)0\r\n\r\nGET / HTTP/1.1\r\n\r\n"
        )
        #expect(all.count == 1 && all.first?.isWhole == false)
    }

    @Test(arguments: [
        "Content-Length: 1", "Transfer-Encoding: chunked", "Connection: close", "A : b", "A",
        " A: b", "A: \u{1}", "A: " + String(repeating: "b", count: 17_000),
    ])
    func `a trailer that frames, or is no field, ends it all`(_ trailer: String) {
        let all = read(
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\(trailer)\r\n\r\n")
        #expect(all.count == 1 && all.first?.isWhole == false)
    }

    @Test(arguments: [-1, 0, 1])
    func `a head has as many bytes as it may have, and no more`(_ more: Int) {
        let text = "GET / HTTP/1.1\r\nA: b\r\n\r\n"
        let limit = text.utf8.count - more
        let whole = FramingTarget.read([Array(text.utf8)], limit: limit)
        #expect(whole.count == (more > 0 ? 0 : 1))
        // Byte for byte it makes no difference.
        #expect(FramingTarget.read(text.utf8.map { [$0] }, limit: limit) == whole)
    }

    @Test(arguments: [256, 257])
    func `a head has 256 fields, and no more`(_ count: Int) {
        let fields = String(repeating: "a: b\r\n", count: count)
        #expect(read("GET / HTTP/1.1\r\n\(fields)\r\n").count == (count == 256 ? 1 : 0))
    }

    @Test func `every control character but the tab is found wherever it stands`() {
        for byte in UInt8(0)...255 where byte != 13 && byte != 10 {
            for place in 0..<20 {
                var value = [UInt8](repeating: 0x61, count: 20)
                value[place] = byte
                let head = Array("GET / HTTP/1.1\r\nA: ".utf8) + value + Array("\r\n\r\n".utf8)
                let isText = byte == 9 || byte >= 32 && byte != 127
                #expect(
                    FramingTarget.read([head]).count == (isText ? 1 : 0), "\(byte) at \(place)")
            }
        }
    }
}
