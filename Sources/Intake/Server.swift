import Logging
package import NIOCore
import NIOPosix
import Senders
import Synchronization
import Telemetry

/// The listening sockets: UDP and TCP on one address, one lane per event loop.
package final class Server: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let posts: [Post]
    private let shared: Shared
    private let tcp: any Channel
    private let udp: any Channel
    private let connections: Connections
    private let backlog: DatagramBacklog
    /// The port that was bound, for a configured port 0.
    package let port: Int

    /// A lane, and what its connections share.
    private struct Post: Sendable {
        let lane: Lane
        let shared: Shared
    }
    private var lanes: [Lane] { posts.map(\.lane) }

    private init(
        group: MultiThreadedEventLoopGroup, posts: [Post], shared: Shared, tcp: any Channel,
        udp: any Channel, backlog: DatagramBacklog, connections: Connections
    ) {
        self.group = group
        self.posts = posts
        self.shared = shared
        self.tcp = tcp
        self.udp = udp
        self.backlog = backlog
        self.connections = connections
        port = tcp.localAddress?.port ?? 0
    }

    /// Binds both sockets and begins to accept.
    ///
    /// - Parameters:
    ///   - inherited: sockets that are bound already, instead of `host` and `port`.
    ///   - makeLane: called once per loop.
    /// - Throws: `IOError` when the address can't be bound.
    package static func start(
        host: String, port: Int, laneCount: Int, shared: Shared,
        inherited: InheritedSockets? = nil,
        makeLane: (any EventLoop) -> Lane
    ) async throws -> Server {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: laneCount)
        let lanes = group.makeIterator().map { makeLane($0) }
        let posts = lanes.map { Post(lane: $0, shared: Shared(beside: shared)) }
        let byLoop = Dictionary(
            uniqueKeysWithValues: posts.map { (ObjectIdentifier($0.lane.loop), $0) })
        let connections = Connections()
        do {
            let streams = ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1_024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            AcceptPause(counters: shared.counters, logger: shared.logger))
                    }
                }
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                // One at a time: what is read next depends on what becomes of this (ReadRoom).
                .childChannelOption(.maxMessagesPerRead, value: 1)
                // Clients that don't read their answers are soon not read either: the kernel needn't
                // hold megabytes of them.
                .childChannelOption(.socketOption(.so_sndbuf), value: 128 << 10)
                .childChannelOption(
                    .writeBufferWaterMark, value: .init(low: 4 << 10, high: 8 << 10)
                )
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    guard let post = byLoop[ObjectIdentifier(channel.eventLoop)],
                        let entry = post.shared.enter(Address(channel.remoteAddress))
                    else { return channel.close() }
                    connections.add(channel)
                    channel.closeFuture.whenComplete { _ in
                        connections.remove(channel)
                        post.shared.leave(entry)
                    }
                    return channel.eventLoop.makeCompletedFuture {
                        try configure(channel, post.lane, post.shared)
                    }
                }
            let tcp = try await
                (inherited.map { streams.withBoundSocket($0.stream) }
                ?? streams.bind(host: host, port: port)).get()
            let backlog = DatagramBacklog()
            let datagrams = DatagramBootstrap(group: lanes[0].loop)
                .channelOption(
                    .recvAllocator,
                    value: FixedSizeRecvByteBufferAllocator(capacity: DatagramBurst.largest)
                )
                // The first of those that wait; the handler reads the others.
                .channelOption(.maxMessagesPerRead, value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            DatagramHandler(
                                lane: posts[0].lane, shared: posts[0].shared, backlog: backlog))
                    }
                }
            let udp = try await
                (inherited.map { datagrams.withBoundSocket($0.datagram) }
                ?? datagrams.bind(host: host, port: tcp.localAddress?.port ?? port)).get()
            shared.budget.onRoom { for lane in lanes { lane.roomAgain() } }
            let server = Server(
                group: group, posts: posts, shared: shared, tcp: tcp, udp: udp,
                backlog: backlog, connections: connections)
            await server.prepareDatagrams()
            return server
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// What a connection begins with. Everything else follows from its first byte.
    package static func configure(_ channel: any Channel, _ lane: Lane, _ shared: Shared) throws {
        let address = Address(channel.remoteAddress)
        let peer = Peer(address)
        let room = ReadRoom(budget: shared.budget)
        try channel.syncOptions?.setOption(.recvAllocator, value: room)
        let idle = IdleStateHandler(allTimeout: .seconds(Int64(shared.limits.idleSeconds)))
        let sniffer = Sniffer(counters: shared.counters) { context, speech in
            let pipeline = context.pipeline.syncOperations
            if speech != .tls, !room.isSealed, shared.tls?.refusesPlain(from: address) == true {
                return try pipeline.addHandler(PlainRefusal(shared, speech))
            }
            switch speech {
            case .lines:
                try pipeline.addHandler(
                    LineHandler(lane: lane, shared: shared, room: room, peer: peer))
            case .http:
                room.allow(largestBytes: 64 << 10, wholeBytes: shared.limits.headerBytes)
                try pipeline.addHandler(
                    RequestFeed(
                        shared: shared, room: room,
                        handler: HTTPHandler(lane: lane, shared: shared, peer: peer)))
                pipeline.removeHandler(idle, promise: nil)
            case .tls:
                guard let tls = shared.tls else {
                    shared.counters.handshake(.notConfigured)
                    return context.close(promise: nil)
                }
                try tls.open(context, shared)
                room.isSealed = true
            }
        }
        try channel.pipeline.syncOperations.addHandler(idle)
        if shared.proxies.demandsHeader(of: address) {
            try channel.pipeline.syncOperations.addHandler(
                ProxyGreeting(peer: peer, shared: shared))
        }
        try channel.pipeline.syncOperations.addHandler(sniffer)
    }

    /// Sizes the UDP buffer and watches the kernel's losses.
    private func prepareDatagrams() async {
        let wanted = shared.limits.udpReceiveBufferBytes
        let given = (try? await sizeReceiveBuffer(udp, bytes: wanted).get()) ?? 0
        shared.counters.receiveBuffer.set(given)
        let sizes: Logger.Metadata = ["asked_bytes": "\(wanted)", "given_bytes": "\(given)"]
        if given < wanted {
            shared.logger.warning(
                "the kernel gave a smaller UDP receive buffer than asked for: bursts will lose datagrams; install deploy/systemd/sysctl.conf (the package does) or set net.core.rmem_max, and restart",
                metadata: sizes)
        } else {
            shared.logger.info("the UDP receive buffer is as large as asked for", metadata: sizes)
        }
        shared.counters.intakeMemoryLimit.set(shared.budget.bytes)
        udp.eventLoop.scheduleRepeatedTask(
            initialDelay: .milliseconds(500), delay: .milliseconds(500)
        ) { [backlog, shared] _ in
            shared.counters.intakeMemory.set(shared.budget.usedBytes)
            let drops = backlog.takeDrops()
            if drops > 0 { shared.counters.kernelDrops.add(drops) }
        }
    }

    /// Puts other rules in force, on each lane between two lines or requests; no connection is closed
    /// by that. Returns when all lanes hold to them.
    package func adopt(_ rules: Rules) async {
        shared.budget.resize(to: rules.limits.memoryBytes)
        shared.counters.intakeMemoryLimit.set(shared.budget.bytes)
        for post in posts {
            try? await post.lane.loop.submit {
                post.shared.rules = rules
                post.lane.adopt(rules)
            }.get()
        }
    }

    /// Returns when each lane has answered: never while one of them is stuck.
    package func pulse() async {
        for lane in lanes { try? await lane.loop.submit {}.get() }
    }

    /// Datagrams come faster than they are read: if it goes on, the kernel drops some. Any thread.
    package var isFlooded: Bool { backlog.isLong }

    /// The sink has room again. Any thread.
    package func relieved() { for lane in lanes { lane.relieved() } }

    /// No new connections, nothing more is read, what was admitted goes to the sink.
    package func stopReading() async {
        try? await tcp.close().get()
        for lane in lanes { try? await lane.stop().get() }
        backlog.end()
        try? await udp.close().get()
    }

    /// After the last acknowledgement: closes all connections and the loops.
    package func close() async {
        await connections.closeAll()
        try? await group.shutdownGracefully()
    }
}

/// The open connections, to close them at the end.
private final class Connections: Sendable {
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) { open.withLock { $0[ObjectIdentifier(channel)] = channel } }
    func remove(_ channel: any Channel) { open.withLock { $0[ObjectIdentifier(channel)] = nil } }

    func closeAll() async {
        // All at once: with TLS each waits a moment for the client's goodbye.
        let closing = open.withLock { $0.values.map { $0.close() } }
        for future in closing { try? await future.get() }
    }
}
