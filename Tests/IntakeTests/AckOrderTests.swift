import Testing

@Suite(.timeLimit(.minutes(20)))
struct AckOrderTests {
    /// Nothing waits for the disk here, so that only the order of the answers is tried.
    @Test func `a refusal is told before the ack that covers it, each time`() async throws {
        let server = try await TestServer()
        let client = server.client()
        client.send("{\"hello\":\"engaged/1\",\"acks\":true}\n")
        _ = client.read(until: "\n")
        for number in 1...3 {
            client.send("nonsense\n")
            let answers = client.read(until: "{\"ack\":\(number)}\n")
            #expect(answers.hasPrefix("{\"rejected\":\(number),"))
        }
        await server.stop()
    }

    @Test func `a blank line's ack waits for the lines before it`() async throws {
        let server = try await TestServer()
        server.sink.hold()
        let client = server.client()
        client.send("{\"hello\":\"engaged/1\",\"acks\":true}\n{\"type\":\"click\"}\n\nnonsense\n")
        #expect(!client.read(until: "\"rejected\":3").contains("\"ack\""))
        server.sink.letGo()
        #expect(client.read(until: "{\"ack\":3}").contains("{\"ack\":3}"))
        await server.stop()
    }
}
