import Glibc
import Logging
import NIOCore
import NIOPosix
import Telemetry
import Testing

@testable import Intake

@Suite(.timeLimit(.minutes(20)))
struct DescriptorTests {
    @Test(arguments: [
        (10_000, 20_000, 10_000), (10_000, 1_024, 896), (10_000, 100, 50), (500, 1_024, 500),
        (10, 1, 1),
    ])
    func `connections leave descriptors for the journal and the ledger`(
        _ wanted: Int, _ descriptors: Int, _ given: Int
    ) {
        let told = LogCapture()
        #expect(
            Descriptors.connections(wanted: wanted, descriptors: descriptors, logger: told.logger)
                == given)
        #expect(told.lines.count == (given < wanted ? 1 : 0))
        for line in told.lines {
            #expect(line.contains("\(wanted)") && line.contains("\(descriptors)"))
        }
    }

    @Test func `the soft limit is raised to the hard one`() {
        let raised = Descriptors.raise()
        var limit = rlimit()
        #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        #expect(limit.rlim_cur == limit.rlim_max)
        #expect(raised == Int(clamping: limit.rlim_cur))
    }

    @Test(arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM])
    func `where accept finds no descriptor it pauses, and goes on by itself`(_ code: CInt)
        async throws
    {
        let counters = Counters()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptPause(counters: counters, logger: Logger(label: "test")))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        // Both in one turn of the loop: the second comes while it pauses.
        let isPaused = try await server.eventLoop.flatSubmit {
            server.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))
            server.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))
            return server.getOption(.autoRead).map { !$0 }
        }.get()
        #expect(isPaused)
        #expect(counters.acceptPauses.total == 1)
        var goesOn = false
        for _ in 0..<1_000 where !goesOn {
            try await Task.sleep(for: .milliseconds(10))
            goesOn = try await server.getOption(.autoRead).get()
        }
        #expect(goesOn)
        try await server.close().get()
        try await group.shutdownGracefully()
    }
}
