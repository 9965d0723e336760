import Admission
import Intake
import Telemetry
import TestSupport
import Testing

/// What senders can make the daemon hold is bounded, whatever they do.
@Suite(.timeLimit(.minutes(20)), .serialized)
struct BoundsTests {
    private let hello = "{\"hello\":\"engaged/1\",\"acks\":true}\n"
    private let click = "{\"type\":\"click\"}\n"

    /// An event line of that many bytes.
    private func line(_ bytes: Int) -> String {
        let head = "{\"type\":\"click\",\"note\":\""
        return head + String(repeating: "x", count: bytes - head.utf8.count - 3) + "\"}\n"
    }

    @Test func `a client that doesn't read what it is told isn't read either`() async throws {
        let server = try await TestServer()
        let client = server.client(receiveBuffer: 16 << 10)
        // Each of these lines of two bytes is refused in a hundred.
        client.send(hello + String(repeating: "x\n", count: 40_000))
        let told = try await settled { server.rejected(.tcp, .malformedJSON) }
        #expect(told < 20_000, "of 40,000")
        client.finish()
        #expect(client.readAll().hasSuffix("{\"ack\":40000}\n"))
        #expect(server.rejected(.tcp, .malformedJSON) == 40_000)
        #expect(try await eventually { server.shared.budget.usedBytes == 0 })
        await server.stop()
    }

    @Test func `what was read at once isn't answered at once`() async throws {
        let server = try await TestServer()
        let client = server.client(receiveBuffer: 16 << 10)
        // A sender who fills its reads is read in large ones.
        server.sink.set(congested: true)
        client.send(hello + String(repeating: click, count: 15_000))
        try await Task.sleep(for: .milliseconds(100))
        server.sink.set(congested: false)
        server.server.relieved()
        _ = client.read(until: "{\"ack\":15000}")
        server.sink.set(congested: true)
        client.send(String(repeating: "x\n", count: 30_000))
        try await Task.sleep(for: .milliseconds(100))
        server.sink.set(congested: false)
        server.server.relieved()
        let told = try await settled { server.rejected(.tcp, .malformedJSON) }
        #expect(told < 10_000, "of 30,000")
        client.finish()
        #expect(client.readAll().hasSuffix("{\"ack\":45000}\n"))
        await server.stop()
    }

    @Test func `requests whose answers aren't read wait on the client's side`() async throws {
        let server = try await TestServer()
        let client = server.client(receiveBuffer: 16 << 10)
        // A preflight's answer repeats the headers that it asked for, if they aren't many.
        let asked = String(repeating: "h", count: 300)
        let one =
            "OPTIONS /b HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Headers: \(asked)\r\n\r\n"
        let count = 4_000
        Task.detached { client.send(String(repeating: one, count: count)) }
        let answered = try await settled { server.counters.httpRequests.total }
        #expect(answered < UInt64(count))
        Task.detached { client.discard() }
        #expect(try await eventually { server.counters.httpRequests.total == UInt64(count) })
        await server.stop()
    }

    @Test func `pipelined requests are answered in order after one that waits for the disk`()
        async throws
    {
        let server = try await TestServer()
        server.sink.hold()
        let client = server.client()
        let body = "{\"type\":\"click\"}"
        let first =
            "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let next = "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
        let last = "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        client.send(first + String(repeating: next, count: 500) + last)
        try await Task.sleep(for: .milliseconds(100))
        #expect(server.counters.httpRequests.total == 0)
        server.sink.letGo()
        let answers = client.readAll()
        #expect(answers.hasPrefix("HTTP/1.1 200"))
        #expect(answers.split(separator: "HTTP/1.1 404").count == 502)
        await server.stop()
    }

    @Test func `a body that finds no memory is told to come again, and others go on`()
        async throws
    {
        let server = try await TestServer { $0.memoryBytes = 3 << 19 }
        func head(_ bytes: Int) -> String {
            "POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(bytes)\r\n\r\n"
        }
        let whole = String(repeating: line(1_000), count: 300)
        let slow = server.client()
        slow.send(head(whole.utf8.count) + whole.prefix(290_000))
        #expect(try await eventually { server.shared.budget.usedBytes >= 1 << 19 })
        let fast = server.client()
        fast.send(head(2 * whole.utf8.count) + whole)
        fast.send(String(whole.dropLast(2_000)))
        let answer = fast.read(until: "overloaded")
        // The rest is taken, too: a reset while it is sent could cost the answer.
        for _ in 0..<2 {
            #expect(fast.send(line(1_000)))
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(answer.hasPrefix("HTTP/1.1 503"))
        #expect(answer.lowercased().contains("retry-after: 1"))
        #expect(answer.contains("overloaded"))
        #expect(server.rejected(.http, .overloaded) == 1)
        // A small one always has its place.
        let small = server.client()
        small.send(head(click.utf8.count) + click)
        #expect(small.readAll().hasPrefix("HTTP/1.1 200"))
        slow.send(String(whole.dropFirst(290_000)))
        #expect(slow.readAll().contains("\"accepted\":300"))
        #expect(try await eventually { server.shared.budget.usedBytes == 0 })
        await server.stop()
    }

    @Test func `a body's lines keep its memory until they are on disk`() async throws {
        let server = try await TestServer()
        server.sink.hold()
        let body = String(repeating: line(1_000), count: 100)
        let client = server.client()
        client.send(
            "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        #expect(client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 204"))
        #expect(server.shared.budget.usedBytes >= body.utf8.count)
        server.sink.letGo()
        #expect(try await eventually { server.shared.budget.usedBytes == 0 })
        await server.stop()
    }

    @Test func `long answers are cut short where there is no memory for them`() async throws {
        let server = try await TestServer { $0.memoryBytes = 10_000 }
        let body = String(repeating: "x\n", count: 1_000)
        let client = server.client()
        client.send(
            "POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2000\r\n\r\n"
                + body)
        #expect(client.readAll().contains("{\"accepted\":0,\"rejected\":[],\"more\":1000}"))
        await server.stop()
    }

    @Test(arguments: 1...3)
    func `lines that find no memory wait, and all are taken in the end`(seed: UInt64)
        async throws
    {
        // Room for two of the longest lines, and eight senders of them.
        let server = try await TestServer { $0.memoryBytes = 4 * $0.lineBytes + 1_000 }
        var random = SeededRNG(seed)
        let count = 12
        var texts: [[UInt8]] = []
        let clients = (0..<8).map { _ in server.client() }
        for _ in clients {
            let lines = (0..<count).map { _ in line(Int.random(in: 100...65_000, using: &random)) }
            texts.append(Array((hello + lines.joined()).utf8))
        }
        while let sender = texts.indices.filter({ !texts[$0].isEmpty }).randomElement(
            using: &random)
        {
            let piece = min(texts[sender].count, Int.random(in: 1...30_000, using: &random))
            clients[sender].send(Array(texts[sender].prefix(piece)))
            texts[sender].removeFirst(piece)
        }
        let last = "{\"ack\":\(count)}\n"
        for client in clients {
            #expect(client.read(until: last).hasSuffix(last), "seed \(seed)")
        }
        #expect(server.sink.lines.count == 8 * count, "seed \(seed)")
        #expect(try await eventually { server.shared.budget.usedBytes == 0 })
        await server.stop()
    }

    @Test func `a long line whose end doesn't come gives its memory back`() async throws {
        let server = try await TestServer { $0.requestSeconds = 5 }
        let client = server.client()
        client.send(hello + click + line(30_000).dropLast(10))
        #expect(try await eventually { server.shared.budget.usedBytes > 0 })
        #expect(client.readAll().hasSuffix("{\"ack\":1}\n"))
        #expect(try await eventually { server.shared.budget.usedBytes == 0 })
        await server.stop()
    }

    @Test(arguments: [true, false])
    func `what a client sent before it closed waits for the disk, as far as there is memory`(
        _ hasRoom: Bool
    ) async throws {
        let server = try await TestServer { $0.memoryBytes = hasRoom ? 8 << 20 : 40_000 }
        server.sink.set(congested: true)
        let client = server.client()
        client.send(String(repeating: line(1_000), count: 50))
        client.finish()
        if hasRoom {
            try await Task.sleep(for: .milliseconds(100))
            #expect(server.sink.lines.isEmpty)
            server.sink.set(congested: false)
            server.server.relieved()
            #expect(client.readAll() == "")
            #expect(server.sink.lines.count == 50)
        } else {
            _ = client.readAll()
            #expect(try await eventually { server.rejected(.tcp, .overloaded) > 0 })
            #expect(server.sink.lines.isEmpty)
        }
        #expect(try await eventually { server.shared.budget.usedBytes == 0 })
        await server.stop()
    }

    @Test func `while the disk stands still small batches fill up`() async throws {
        let server = try await TestServer()
        server.sink.hold()
        let client = server.client()
        client.send(hello)
        _ = client.read(until: "engaged")
        for sent in 1...60 {
            client.send(click)
            #expect(
                try await eventually {
                    server.counters.receivedBytes.value(at: Transport.tcp.rawValue)
                        >= UInt64(hello.utf8.count + sent * click.utf8.count)
                })
            try await Task.sleep(for: .milliseconds(7))
        }
        #expect(server.sink.heldBatches <= 16)
        server.sink.letGo()
        #expect(client.read(until: "{\"ack\":60}").contains("{\"ack\":60}"))
        #expect(server.sink.lines.count == 60)
        await server.stop()
    }

    @Test(arguments: 1...4)
    func `whoever was held back goes on, whenever the pressure comes and goes`(seed: UInt64)
        async throws
    {
        let server = try await TestServer()
        var random = SeededRNG(seed)
        let clients = (0..<6).map { _ in server.client() }
        for client in clients { client.send(hello) }
        var sent = [Int](repeating: 0, count: clients.count)
        for _ in 0..<300 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0: server.sink.set(congested: true)
            case 1: server.sink.set(diskLow: true)
            case 2, 3:
                server.sink.set(congested: false)
                server.server.relieved()
            case 4:
                server.sink.set(diskLow: false)
                server.server.relieved()
            case 5: server.sink.hold()
            case 6: server.sink.letGo()
            default:
                let i = Int.random(in: 0..<clients.count, using: &random)
                clients[i].send(click)
                sent[i] += 1
            }
            if Bool.random(using: &random) { await Task.yield() }
        }
        server.sink.set(congested: false)
        server.sink.set(diskLow: false)
        server.sink.letGo()
        server.server.relieved()
        for (client, count) in zip(clients, sent) {
            client.finish()
            #expect(
                client.readAll().hasSuffix(count > 0 ? "{\"ack\":\(count)}\n" : "true}\n"),
                "seed \(seed)")
        }
        #expect(server.sink.lines.count == sent.reduce(0, +), "seed \(seed)")
        await server.stop()
    }
}
