import Testing

/// The journal gives up on what it holds: nobody is told that it is stored.
@Suite(.timeLimit(.minutes(20)))
struct GivenUpTests {
    /// Everything the server says to a sender whose event doesn't become durable.
    private func answers(to text: String) async throws -> String {
        let server = try await TestServer()
        server.sink.hold()
        let client = server.client()
        client.send(text)
        #expect(try await eventually { server.sink.heldBatches > 0 })
        server.sink.letGo(durable: false)
        let answers = client.readAll()
        await server.stop()
        return answers
    }

    @Test func `a line gets no ack and its connection ends`() async throws {
        let hello = "{\"hello\":\"engaged/1\",\"acks\":true}\n"
        #expect(
            try await answers(to: hello + "{\"type\":\"click\"}\n")
                == "{\"engaged\":1,\"acks\":true}\n")
    }

    @Test func `a request gets no answer and its connection ends`() async throws {
        let body = "{\"type\":\"click\"}"
        let head =
            "POST /v1/events HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        #expect(try await answers(to: head + body) == "")
    }
}
