import Intake
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization
import TestSupport

/// The pairs of Tests/Fixtures/tls.
enum Pair: String, CaseIterable {
    case one = ""
    case other = "other-"

    func bytes(_ name: String) throws -> [UInt8] {
        let fixtures = try Repository.fixtures("tls")
        return fixtures.first { $0.name == rawValue + name }?.bytes ?? []
    }

    func identity(oldest: TLSIdentity.Version = .v12) throws -> TLSIdentity {
        try TLSIdentity(
            chain: try bytes("certificate.pem"), key: try bytes("key.pem"), oldest: oldest)
    }
}

/// A client that speaks TLS, trusts one certificate, and keeps what it is told.
final class TLSClient: Sendable {
    private let channel: any Channel
    private let inbox: Inbox

    /// - Parameters:
    ///   - newest: the newest version that it speaks.
    ///   - before: bytes that go ahead of TLS.
    init(
        port: Int, trusting pair: Pair = .one, newest: TLSVersion = .tlsv13, alpn: [String] = [],
        before: [UInt8] = []
    ) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(try pair.bytes("certificate.pem")))
        configuration.maximumTLSVersion = newest
        configuration.applicationProtocols = alpn
        let context = try NIOSSLContext(configuration: configuration)
        let inbox = Inbox()
        self.inbox = inbox
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port).get()
        let ready = channel
        try await channel.eventLoop.submit {
            if !before.isEmpty { ready.writeAndFlush(ByteBuffer(bytes: before), promise: nil) }
            try ready.pipeline.syncOperations.addHandlers([
                try NIOSSLClientHandler(context: context, serverHostname: "events.shop.example"),
                InboxHandler(inbox),
            ])
        }.get()
    }

    func send(_ text: String) {
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    /// TLS's goodbye, and then TCP's.
    func finish() { channel.close(mode: .output, promise: nil) }

    /// TCP's alone, after everything that was sent.
    func vanish() async throws {
        try await channel.writeAndFlush(ByteBuffer()).get()
        let channel = channel
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.context(handlerType: NIOSSLClientHandler.self)
                .close(mode: .output, promise: nil)
        }.get()
    }

    func close() async { try? await channel.close().get() }

    /// Everything until the server closes, for at most ten seconds.
    func readAll() async throws -> String {
        _ = try await eventually { inbox.isOver }
        return inbox.text
    }

    /// Everything so far, once the text has come or the server has closed.
    func read(until mark: String) async throws -> String {
        _ = try await eventually { inbox.text.contains(mark) || inbox.isOver }
        return inbox.text
    }

    var error: (any Error)? { inbox.error }
    var alpn: String? { inbox.alpn }
}

private final class Inbox: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var isOver = false
        var error: (any Error)?
        var alpn: String?
    }
    private let state = Mutex(State())

    var text: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
    var isOver: Bool { state.withLock { $0.isOver } }
    var error: (any Error)? { state.withLock { $0.error } }
    var alpn: String? { state.withLock { $0.alpn } }

    func put(_ bytes: ByteBuffer) { state.withLock { $0.bytes += bytes.readableBytesView } }
    func end() { state.withLock { $0.isOver = true } }
    func fail(_ error: any Error) { state.withLock { $0.error = $0.error ?? error } }
    func agree(_ alpn: String?) { state.withLock { $0.alpn = alpn } }
}

private final class InboxHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let inbox: Inbox

    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        inbox.put(unwrapInboundIn(data))
    }
    func channelInactive(context: ChannelHandlerContext) { inbox.end() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            inbox.end()
            context.close(promise: nil)
        } else if case TLSUserEvent.handshakeCompleted(let alpn)? = event as? TLSUserEvent {
            inbox.agree(alpn)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case NIOSSLError.uncleanShutdown? = error as? NIOSSLError { return }
        inbox.fail(error)
    }
}
