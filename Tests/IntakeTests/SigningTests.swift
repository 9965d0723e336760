import Links
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Intake

@Suite("Many links in one request")
struct SigningTests {
    static let line = Array(
        #"{"kind":"mail","newsletter":"weekly","issue":"1","customer":"c"}"#.utf8)

    /// What was done in its order, and the answer.
    private func sign(lines: Int, budget: MemoryBudget) async throws -> (
        steps: [String], status: String, answers: Int
    ) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let signer = LinkSigner(
            keys: Keyring([LinkKey(made: "2026-11-22")]), address: "https://news.example")
        let signing = Signing(
            [[UInt8]](repeating: Self.line, count: lines), site: "shop", signer: signer,
            loop: loop, budget: budget)
        let steps = Mutex<[String]>([])
        let answer = loop.makePromise(of: (String, Int).self)
        try await loop.submit {
            signing.begin { given in
                steps.withLock { $0.append("answered") }
                let ends = given.body.readableBytesView.count { $0 == UInt8(ascii: "\n") }
                answer.succeed(("\(given.status.rawValue)", ends))
            }
            loop.execute { steps.withLock { $0.append("another connection's turn") } }
        }.get()
        let (status, answers) = try await answer.futureResult.get()
        try await group.shutdownGracefully()
        return (steps.withLock { $0 }, status, answers)
    }

    @Test func `a long request lets other connections have their turn before it is answered`()
        async throws
    {
        let budget = MemoryBudget(bytes: 64 << 20)
        let outcome = try await sign(lines: 2 * Signing.slice + 1, budget: budget)
        #expect(outcome.steps == ["another connection's turn", "answered"])
        #expect(outcome.status == "200" && outcome.answers == 2 * Signing.slice + 1)
        #expect(budget.usedBytes == 0)
    }

    @Test func `a short one is answered at once`() async throws {
        let outcome = try await sign(lines: Signing.slice, budget: MemoryBudget(bytes: 0))
        #expect(outcome.steps == ["answered", "another connection's turn"])
        #expect(outcome.status == "200" && outcome.answers == Signing.slice)
    }

    @Test func `where there is no memory for the answer it is put off, and nothing stays reserved`()
        async throws
    {
        let budget = MemoryBudget(bytes: 1_000)
        let outcome = try await sign(lines: 3 * Signing.slice, budget: budget)
        #expect(outcome.status == "503" && budget.usedBytes == 0)
    }
}
