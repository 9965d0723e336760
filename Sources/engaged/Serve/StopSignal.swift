import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// SIGTERM and SIGINT, trapped from the first moment on.
///
/// Once the daemon runs, a signal stops it in order. Until it writes to the log, nothing was accepted
/// and recovery may be cut anywhere, so the process just ends, with 0: that, too, is an orderly stop.
/// In between a signal is kept until the daemon runs, which is a matter of milliseconds.
final class StopSignal: Sendable {
    private struct State {
        var group: ServiceGroup?
        var mayJustEnd = true
        var isAsked = false
    }
    private let state = Mutex(State())

    private init() {}

    static func trap(_ logger: Logger) async -> StopSignal {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let stop = StopSignal()
        Task.detached {
            for await _ in signals {
                let group = stop.state.withLock { state in
                    state.isAsked = true
                    if state.mayJustEnd {
                        logger.notice("stopped before it was ready")
                        // Within the lock: whoever wants to begin writing waits for ever.
                        exit(0)
                    }
                    return state.group
                }
                await group?.triggerGracefulShutdown()
            }
        }
        return stop
    }

    /// From now on a signal stops this group.
    func hand(to group: ServiceGroup) async {
        let isAsked = state.withLock { state in
            state.group = group
            return state.isAsked
        }
        if isAsked { await group.triggerGracefulShutdown() }
    }

    /// From now on there is something to finish.
    func beginWriting() { state.withLock { $0.mayJustEnd = false } }
}
