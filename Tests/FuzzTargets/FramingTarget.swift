package import Intake
import NIOCore
import NIOEmbedded
import NIOHTTP1
package import TestSupport

/// The reader of requests beside llhttp, as swift-nio has it.
///
/// What the reader takes llhttp takes, as the same requests: method, target, version, the headers that are
/// asked for, body, and whether the connection goes on. It may refuse more (see `RequestReader`), but it
/// never sees a request where llhttp sees none, or another one. And it makes no difference how the bytes
/// are cut.
package final class FramingTarget: FuzzTarget {
    package struct Message: Equatable {
        package var method: String
        package var target: String
        package var isOld: Bool
        package var keepsAlive: Bool
        package var headers: [String]
        package var body: [UInt8] = []
        package var isWhole = false
    }

    package let words = [
        "GET ", "POST ", "HEAD ", "OPTIONS ", "PUT ", "CONNECT ", "QUERY ", " HTTP/1.1\r\n",
        " HTTP/1.0\r\n", " HTTP/1.1\n", " HTTP/2.0\r\n", "\r\n", "\r\n\r\n", "\n", "\r", " ", "\t",
        ":", ": ", " :", "\r\n ", "\r\n\t", "\u{0}", "\u{b}", "\u{7f}", "é", "#", "?", "*", "/",
        "http://a.example/", "Host: x\r\n", "Content-Length: 5\r\n", "Content-Length: 05\r\n",
        "Content-Length: +5\r\n", "Content-Length: 5, 5\r\n", "Content-Length:\r\n",
        "content-length : 5\r\n", "Content-Length: 18446744073709551616\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: identity\r\n", "Transfer-Encoding:\u{b}chunked\r\n",
        "TRANSFER-ENCODING: Chunked \r\n", "Connection: close\r\n", "Connection: keep-alive\r\n",
        "Connection: keep-alive, close\r\n", "Connection: upgrade\r\nUpgrade: h2c\r\n",
        "Connection: content-length\r\n", "0\r\n\r\n", "5\r\nhello\r\n", "5;a=b\r\nhello\r\n",
        "5;a=\"b\"\r\nhello\r\n", "5 \r\nhello\r\n", "5\nhello\r\n", "00000000000000000005\r\n",
        "ffffffffffffffff\r\n", "0x5\r\n", "-1\r\n", "0\r\nTrailer: x\r\n\r\n",
        "0\r\nContent-Length: 3\r\n\r\n", "hello", "Expect: 100-continue\r\n",
        "X-Engaged-Key: k\r\n", "Origin: https://a.example \r\n", "User-Agent:\t x y \t\r\n",
    ]

    package init() {}

    package var seeds: [[UInt8]] {
        [
            "GET /p.gif?url=x HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
            "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
            "POST /b HTTP/1.1\r\nContent-Length: 5\r\nOrigin: x\r\n\r\nhello\r\n\r\nGET * HTTP/1.1\r\n\r\n",
            "POST http://a.example:80/b?c HTTP/1.1\r\nContent-Length: 0\r\nConnection: a, close\r\n\r\n",
            "PUT /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nA;x=y;z\r\n0123456789\r\n000\r\n\r\n",
        ].map { Array($0.utf8) }
    }

    package func take(_ input: [UInt8], _ random: inout SeededRNG) {
        let whole = Self.read([input])
        var pieces: [[UInt8]] = []
        var rest = input[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...max(3, input.count / 4), using: &random)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        let cut = Self.read(pieces)
        precondition(whole == cut, "it makes a difference how it is cut:\n\(whole)\n\(cut)")
        let oracle = Self.oracle(input)
        precondition(whole.count <= oracle.count, "llhttp has fewer:\n\(whole)\n\(oracle)")
        for (ours, theirs) in zip(whole, oracle) {
            var theirs = theirs
            // Who asks an old connection for both to go on and to end gets the end.
            if ours.isOld, !ours.keepsAlive { theirs.keepsAlive = false }
            // What was refused in the middle of its body is no request; until then they agree.
            if !ours.isWhole {
                theirs.isWhole = false
                theirs.body = Array(theirs.body.prefix(ours.body.count))
            }
            precondition(
                ours == theirs,
                "llhttp sees another request:\n\(ours)\n\(theirs)\nin \(String(decoding: input, as: UTF8.self).debugDescription)"
            )
        }
    }

    // MARK: Ours

    /// The requests in these pieces, up to the first mistake or the last of the connection.
    package static func read(_ pieces: [[UInt8]], limit: Int = 16 << 10) -> [Message] {
        var reader = RequestReader()
        var messages: [Message] = []
        var rest: [UInt8] = []
        var isInBody = false
        do throws(RequestReader.Mistake) {
            for piece in pieces {
                rest += piece
                reading: while true {
                    guard isInBody else {
                        let count = try rest.withUnsafeBufferPointer {
                            (bytes) throws(RequestReader.Mistake) in
                            try reader.head(in: bytes, limit: limit)
                        }
                        guard let count else { break reading }
                        reader.keep(ByteBuffer(bytes: rest.prefix(count)))
                        rest.removeFirst(count)
                        messages.append(Message(reader.head))
                        isInBody = true
                        continue
                    }
                    let step = try rest.withUnsafeBufferPointer {
                        (bytes) throws(RequestReader.Mistake) in
                        try reader.body(in: bytes, limit: limit)
                    }
                    switch step {
                    case .data(let skip, let count):
                        messages[messages.count - 1].body += rest[skip..<skip + count]
                        rest.removeFirst(skip + count)
                    case .end(let skip):
                        rest.removeFirst(skip)
                        messages[messages.count - 1].isWhole = true
                        // llhttp looks no further behind a wish for another protocol.
                        guard reader.head.keepsAlive, !reader.head.wantsUpgrade else {
                            return messages
                        }
                        reader.restart()
                        isInBody = false
                    case .more(let skip):
                        rest.removeFirst(skip)
                        break reading
                    }
                }
            }
        } catch {}
        return messages
    }

    // MARK: llhttp's

    /// The requests that swift-nio's decoder makes of it.
    package static func oracle(_ input: [UInt8]) -> [Message] {
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes))
        let channel = EmbeddedChannel(handler: decoder)
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        var messages: [Message] = []
        _ = try? channel.writeInbound(ByteBuffer(bytes: input))
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head): messages.append(Message(head))
            case .body(let bytes): messages[messages.count - 1].body += bytes.readableBytesView
            case .end: messages[messages.count - 1].isWhole = true
            }
        }
        return messages
    }
}

extension RequestHead {
    fileprivate var wantsUpgrade: Bool {
        values(.connection).contains { $0.lowercased().contains("upgrade") }
    }
}

extension FramingTarget.Message: CustomStringConvertible {
    package var description: String {
        "\(method) \(target) old \(isOld) keeps \(keepsAlive) \(headers) \(String(decoding: body, as: UTF8.self).debugDescription) whole \(isWhole)"
    }

    fileprivate init(_ head: RequestHead) {
        method = "\(head.method)"
        target = head.withTarget { String(decoding: $0, as: UTF8.self) }
        isOld = head.isOld
        keepsAlive = head.keepsAlive
        headers = HeaderName.allCases.flatMap { name in
            head.values(name).map { "\(name.text): \($0)" }
        }
    }

    fileprivate init(_ head: HTTPRequestHead) {
        let known: [HTTPMethod] = [.GET, .HEAD, .POST, .OPTIONS]
        method = known.contains(head.method) ? head.method.rawValue : "other"
        target = head.uri
        isOld = head.version == .http1_0
        keepsAlive = head.isKeepAlive
        headers = HeaderName.allCases.flatMap { name in
            head.headers[name.text].map { value in
                // It leaves the blanks behind a value where they are.
                "\(name.text): \(String(value.reversed().drop { $0 == " " || $0 == "\t" }.reversed()))"
            }
        }
    }
}
