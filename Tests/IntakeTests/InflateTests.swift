import Admission
import Telemetry
import TestSupport
import Testing

@testable import Intake

/// Bodies that senders have packed.
@Suite(.timeLimit(.minutes(20)))
struct InflateTests {
    private let click = "{\"type\":\"click\"}\n"

    private func answer(
        _ server: TestServer, _ body: [UInt8], coding: String = "gzip", chunk: Int? = nil
    ) -> String {
        let client = server.client()
        var head =
            "POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: \(coding)\r\n"
        guard let chunk else {
            head += "Content-Length: \(body.count)\r\n\r\n"
            client.send(Array(head.utf8) + body)
            client.finish()
            return client.readAll()
        }
        var text = Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8)
        var rest = body[...]
        while !rest.isEmpty {
            let part = rest.prefix(chunk)
            text += Array((String(part.count, radix: 16) + "\r\n").utf8) + part + [13, 10]
            rest = rest.dropFirst(chunk)
        }
        client.send(text + Array("0\r\n\r\n".utf8))
        client.finish()
        return client.readAll()
    }

    @Test(arguments: [nil, 1, 7, 1_000])
    func `a packed body is taken however it is cut`(_ chunk: Int?) async throws {
        let server = try await TestServer()
        // More than one piece comes out of it, and one that ends with a piece.
        for lines in [1, 964, 2_000, 16_384] {
            let packed = try Gzip.pack(
                Array(
                    (0..<lines).map {
                        "{\"type\":\"click\",\"note\":\"\($0 &* 7_919 % 10_007)\"}\n"
                    }
                    .joined().utf8))
            #expect(
                answer(server, packed, coding: lines == 1 ? "GZIP" : "gzip", chunk: chunk)
                    .contains("{\"accepted\":\(lines),\"rejected\":[]}"))
        }
        await server.stop()
    }

    @Test(arguments: [1, 2, 7, 300])
    func `all of it comes out, however small a piece there is room for`(_ room: Int) throws {
        // The last byte of what is packed stands for much of what isn't.
        let raw = [UInt8](repeating: 7, count: 3_000) + [1, 2, 3] + .init(repeating: 9, count: 999)
        let packed = try Gzip.pack(raw)
        for step in [1, 5, packed.count] {
            let budget = MemoryBudget(bytes: 40_960)
            let inflater = try #require(try BodyInflater("gzip", budget: budget))
            var piece = [UInt8](repeating: 0, count: room)
            var (out, rest) = ([UInt8](), packed[...])
            while !rest.isEmpty {
                try rest.prefix(step).withUnsafeBufferPointer { part in
                    try inflater.inflate(part, by: &piece) {
                        #expect($0.count <= room)
                        out += $0
                        return true
                    }
                }
                rest = rest.dropFirst(step)
                // Nothing waits for what has yet to come.
                #expect(inflater.isWhole == rest.isEmpty)
            }
            #expect(out == raw)
        }
    }

    @Test func `where there is no memory to inflate a body it is told to come again`()
        async throws
    {
        // Room for two such bodies.
        let server = try await TestServer { $0.memoryBytes = 90_000 }
        let packed = try Gzip.pack(Array(click.utf8))
        func head(_ more: String = "") -> [UInt8] {
            Array(
                ("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n"
                    + "Content-Length: \(packed.count)\r\n\(more)\r\n").utf8)
        }
        let slow = (0..<2).map { _ in server.client() }
        for client in slow { client.send(head() + packed.prefix(20)) }
        #expect(try await eventually { server.shared.budget.usedBytes > 70_000 })
        for more in ["", "Expect: 100-continue\r\n"] {
            let client = server.client()
            client.send(head(more))
            client.finish()
            let told = client.readAll()
            #expect(told.hasPrefix("HTTP/1.1 503 ") && told.contains("overloaded"))
            #expect(told.lowercased().contains("retry-after: 1"))
        }
        #expect(server.rejected(.http, .overloaded) == 2)
        // Between two bodies, too, nothing is held.
        for (i, client) in slow.enumerated() {
            client.send(Array(packed.dropFirst(20)))
            #expect(client.read(until: "[]}").contains("{\"accepted\":1,"))
            let held = (1 - i) * 40_960
            #expect(try await eventually { server.shared.budget.usedBytes == held })
        }
        // Who is refused or leaves in the middle of one gives its memory back.
        let client = server.client()
        client.send(head() + [0x1f, 0x8b, 9, 0])
        #expect(client.read(until: "gzip or deflate").hasPrefix("HTTP/1.1 400 "))
        #expect(try await eventually { server.shared.budget.usedBytes == 0 })
        let leaving = server.client()
        leaving.send(head() + packed.prefix(20))
        #expect(try await eventually { server.shared.budget.usedBytes > 0 })
        leaving.finish()
        _ = leaving.readAll()
        #expect(try await eventually { server.shared.budget.usedBytes == 0 })
        await server.stop()
    }

    @Test func `what goes on behind its end, or doesn't reach it, is refused`() async throws {
        let server = try await TestServer()
        let packed = try Gzip.pack(Array(click.utf8))
        for body in [
            packed + packed, packed + [0], Array(packed.dropLast()), Array(packed.prefix(3)),
            [0x1f], Array(packed.dropLast(8)) + [0, 0, 0, 0] + packed.suffix(4),
        ] {
            for chunk in [nil, 5] {
                let told = answer(server, body, chunk: chunk)
                #expect(told.hasPrefix("HTTP/1.1 400 ") && told.contains("gzip or deflate"))
            }
        }
        #expect(answer(server, []).contains("the body is empty"))
        #expect(answer(server, Array(click.utf8), coding: "br").contains("\"accepted\":1"))
        #expect(server.sink.lines.count == 1)
        await server.stop()
    }
}
