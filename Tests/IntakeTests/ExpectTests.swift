import Admission
import Intake
import Telemetry
import Testing

/// `Expect: 100-continue`: curl asks so before a body of a megabyte, and waits a second for an answer.
@Suite(.timeLimit(.minutes(20)))
struct ExpectTests {
    private func head(_ path: String, _ bytes: Int) -> String {
        "POST \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
            + "Content-Length: \(bytes)\r\n\r\n"
    }

    @Test func `a body that will be taken is asked for`() async throws {
        let server = try await TestServer()
        let client = server.client()
        client.send(head("/v1/events", 16))
        #expect(client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("{\"type\":\"click\"}")
        #expect(client.readAll().hasPrefix("HTTP/1.1 200"))
        #expect(server.sink.lines.count == 1)
        await server.stop()
    }

    @Test func `what the head is enough to refuse is refused before the body`() async throws {
        let server = try await TestServer { $0.memoryBytes = 100_000 }
        func answer(_ head: String) -> String {
            let client = server.client()
            client.send(head)
            client.finish()
            return client.readAll()
        }
        #expect(answer(head("/nowhere", 16)).hasPrefix("HTTP/1.1 404"))
        #expect(answer(head("/p.gif", 16)).hasPrefix("HTTP/1.1 405"))
        #expect(answer(head("/v1/events", 10 << 20)).hasPrefix("HTTP/1.1 413"))
        let full = answer(head("/v1/events", 200_000))
        #expect(full.hasPrefix("HTTP/1.1 503") && full.contains("retry-after: 1"))
        server.sink.set(diskLow: true)
        let low = answer(head("/v1/events", 16))
        #expect(low.hasPrefix("HTTP/1.1 503") && low.contains("retry-after: 1"))
        #expect(low.contains("disk_full"))
        #expect(server.rejected(.http, .overloaded) == 1)
        #expect(server.rejected(.http, .diskFull) == 1)
        #expect(server.shared.budget.usedBytes == 0)
        await server.stop()
    }

    @Test func `a head that doesn't end is cut off in the time of a request`() async throws {
        let server = try await TestServer { $0.requestSeconds = 1 }
        let client = server.client()
        client.send("GET /p.gif HTTP/1.1\r\nHost: x\r\n")
        #expect(client.readAll().hasPrefix("HTTP/1.1 408"))
        await server.stop()
    }

    @Test func `what follows a change of protocol isn't kept`() async throws {
        let server = try await TestServer()
        let client = server.client()
        client.send(
            "GET /p.gif HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n")
        _ = client.read(until: "GIF89a")
        client.send(String(repeating: "x", count: 200_000))
        _ = client.readAll()
        #expect(try await eventually { server.counters.openConnections.value == 0 })
        await server.stop()
    }
}
