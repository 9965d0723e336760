import Dispatch
import Glibc
import Journal
import Synchronization

/// A thread for what the daemon does for its files: begun once, asked for its end, and not waited for
/// longer than `patienceSeconds`, as what it leaves half made the next one clears away.
final class ChoreThread: Sendable {
    private static let patienceSeconds = 3.0

    private let name: String
    private let niceness: Int32
    private let thread = Mutex<PlainThread?>(nil)
    private let isAsked = Atomic(false)
    private let end = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameter niceness: how far it goes behind all other threads: 0 to 19.
    init(_ name: String, niceness: Int32 = 0) {
        self.name = name
        self.niceness = niceness
    }

    /// Once is enough; not again after `stop`.
    func start(_ body: @escaping @Sendable () -> Void) throws {
        try thread.withLock { thread in
            guard thread == nil, !isEnding else { return }
            thread = try PlainThread(name: name) { [self] in
                // On Linux a thread has a niceness of its own, and 0 is the calling one.
                if niceness > 0 {
                    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
                }
                body()
                ended.signal()
            }
        }
    }

    /// Asks for the end and waits for it.
    func stop() {
        isAsked.store(true, ordering: .relaxed)
        guard thread.withLock({ $0 != nil }) else { return }
        end.signal()
        _ = ended.wait(timeout: .now() + Self.patienceSeconds)
    }

    /// The end was asked for.
    var isEnding: Bool { isAsked.load(ordering: .relaxed) }

    /// Rests on the thread itself; the end wakes it.
    /// - Returns: `isEnding`.
    @discardableResult func rest(_ seconds: Double) -> Bool {
        // The signal stays for the next rest.
        if !isEnding, end.wait(timeout: .now() + seconds) == .success { end.signal() }
        return isEnding
    }
}
