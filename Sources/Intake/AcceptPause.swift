import Glibc
import Logging
import NIOCore
import Telemetry

/// Stops accepting for a moment when the kernel has no descriptor or no memory for a connection.
///
/// The waiting connection keeps the listening socket readable, so that a loop which goes on asking
/// spins. NIO's own AcceptBackoffHandler holds back `read`, but a failed accept leaves the channel
/// registered for reading; only `autoRead` takes that back.
///
/// A spare descriptor, closed to accept and reset one connection, isn't used: NIO owns the listening
/// socket, and `Descriptors` keeps back more than one. With those the daemon's own connections can't
/// use up its descriptors, and one connection too many is accepted and closed at once. What is left
/// for here is a full table of the whole system (ENFILE), no memory, or a lowered limit.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = any Channel

    static let pause = TimeAmount.milliseconds(200)
    private static let logEvery = TimeAmount.minutes(1)

    private let counters: Counters
    private let logger: Logger
    private var lastLog: NIODeadline?
    private var isPaused = false

    init(counters: Counters, logger: Logger) {
        self.counters = counters
        self.logger = logger
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let code = (error as? IOError)?.errnoCode,
            [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code)
        else { return context.fireErrorCaught(error) }
        tell(error)
        guard !isPaused else { return }
        isPaused = true
        counters.acceptPauses.add()
        let channel = context.channel
        channel.setOption(.autoRead, value: false).whenFailure { _ in channel.close(promise: nil) }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { [self] in
            isPaused = false
            channel.setOption(.autoRead, value: true).whenFailure { _ in }
        }
    }

    private func tell(_ error: any Error) {
        if let lastLog, lastLog + Self.logEvery > .now() { return }
        lastLog = .now()
        logger.warning(
            "connections can't be accepted; those that wait are tried again: the system lacks descriptors (fs.file-max) or memory",
            metadata: ["error": "\(error)"])
    }
}
