import Hummingbird
package import Logging
import NIOCore
import NIOPosix
package import Telemetry

/// The admin port: metrics, health and status over HTTP, on an address of its own.
///
/// It knows the daemon only through the closures it is given, and answers from counters already
/// in memory: no request waits for the disk or the ledger. One thread serves it, apart from the
/// lanes, so that a scrape never delays an event.
package struct AdminServer: Sendable {
    /// Whether the daemon takes events now.
    package enum Readiness: Sendable, Equatable {
        case ready
        /// Why not, for a person: "catching up", "stopping", "disk nearly full".
        case notReady(String)
    }

    package enum Address: Sendable, Equatable {
        case network(host: String, port: Int)
        /// A socket file's path. Its group may connect, others may not.
        case unix(String)
    }

    private let address: Address
    private let token: AdminToken?
    private let counters: Counters
    private let measure: @Sendable () -> Void
    private let status: @Sendable () -> Status
    private let health: @Sendable () -> [String]
    private let readiness: @Sendable () -> Readiness
    private let logger: Logger

    /// - Parameters:
    ///   - address: port 0 lets the kernel choose; `run`'s closure tells.
    ///   - token: asked of everything but `/healthz`; nil: nothing is asked.
    ///   - measure: brings the gauges to this moment. This and the next ones are called once per
    ///     request, from the server's thread; they must not block.
    ///   - health: what of the process is stuck, in words; nothing: it lives.
    package init(
        address: Address, token: String? = nil, counters: Counters, logger: Logger,
        measure: @escaping @Sendable () -> Void = {},
        status: @escaping @Sendable () -> Status,
        health: @escaping @Sendable () -> [String] = { [] },
        readiness: @escaping @Sendable () -> Readiness
    ) {
        self.address = address
        self.token = token.map(AdminToken.init)
        self.counters = counters
        self.logger = logger
        self.measure = measure
        self.status = status
        self.health = health
        self.readiness = readiness
    }

    /// Serves until the task is cancelled or a graceful shutdown reaches it.
    /// - Parameter onListening: called with the port once connections are accepted.
    /// - Throws: `IOError` when the address can't be bound, `SocketFile.InUse` when another process
    ///   answers at the path.
    package func run(onListening: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        // Hummingbird tells of its own start at info, and at error of connections that a shutdown
        // ends. Neither is news to an operator; a port that can't be bound is thrown.
        var quiet = logger
        quiet.logLevel = .critical
        let router = AdminRoutes.router(
            counters: counters, token: token, measure: measure, status: status, health: health,
            readiness: readiness)
        let (file, bound): (SocketFile?, BindAddress) =
            switch address {
            case .network(let host, let port): (nil, .hostname(host, port: port))
            case .unix(let path): (SocketFile(path: path), .unixDomainSocket(path: path))
            }
        let application = Application(
            router: router,
            configuration: .init(address: bound, serverName: "engaged"),
            onServerRunning: { channel in
                file?.open()
                try? await channel.eventLoop.submit {
                    try channel.pipeline.syncOperations.addHandler(AdminDoor(), position: .first)
                }.get()
                onListening(channel.localAddress?.port ?? 0)
            },
            eventLoopGroupProvider: .shared(group), logger: quiet)
        do {
            try file?.clear()
            try await application.run()
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        file?.remove()
        try await group.shutdownGracefully()
    }
}
