import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// SIGTERM and SIGINT, trapped from the first moment on.
///
/// Once the daemon runs, a signal stops it in order. Before that nothing was accepted and recovery
/// may be cut anywhere, so the process just ends, with 0: that, too, is an orderly stop.
final class StopSignal: Sendable {
    private struct State {
        var group: ServiceGroup?
    }
    private let state = Mutex(State())

    private init() {}

    static func trap(_ logger: Logger) async -> StopSignal {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let stop = StopSignal()
        Task.detached {
            for await _ in signals {
                guard let group = stop.state.withLock({ $0.group }) else {
                    logger.notice("stopped before it was ready")
                    exit(0)
                }
                await group.triggerGracefulShutdown()
            }
        }
        return stop
    }

    /// From now on a signal stops this group.
    func hand(to group: ServiceGroup) { state.withLock { $0.group = group } }
}
