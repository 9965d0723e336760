package import Engagement
import Glibc
package import Journal

/// Runs the fold over durable batches, on a thread of its own, and applies its deltas about once a
/// second.
///
/// The queue of batches is only a cache of the durable log: what doesn't fit, what was folded by
/// nobody when the process died, and any gap in between is read from the log. A ledger that can't
/// be written (disk full, a lock) is tried again and again; meanwhile the log is the buffer.
package final class RollupLoop: @unchecked Sendable {
    private let log: any DurableLog
    private let settings: RollupSettings
    private let recycle: @Sendable (Batch) -> Void
    private let notice: @Sendable (String) -> Void
    private let onAnswers: @Sendable () -> Void
    private let onFlush: @Sendable (_ nanoseconds: UInt64, _ rows: Int) -> Void
    private let givesWay: @Sendable () -> Bool
    private let queue: BatchQueue
    private let board: StatusBoard
    private let clock: any Clock
    /// The thread's own once it runs.
    private let folder: Folder
    private enum Running { case no, thread(pthread_t), turns }
    private var running = Running.no
    private var timer: FlushTimer
    /// When it was last seen that nothing old waits to be folded, monotonic ns.
    private var keptUp: UInt64

    /// - Parameters:
    ///   - idKey: of the data directory, for the hashes of ids.
    ///   - ids: files of ids, kept in step; nil: every start reads the window from the log.
    ///   - recycle: takes a batch back when it was folded; called on the roll-up's thread, or on
    ///     the caller's of `offer`.
    ///   - notice: told when trouble begins and when it ends.
    ///   - onAnswers: told when somebody's answer about permission was applied; on the roll-up's
    ///     thread, or while catching up on the caller's of `start`.
    ///   - onFlush: how long a flush took, nanoseconds, and how many rows of the ledger it added to;
    ///     on the roll-up's thread. Those of catching up aren't told.
    ///   - givesWay: whether there is something that can't wait, as counters can; asked on the roll-up's
    ///     and on the journal's thread.
    ///   - clock: what the times of flushes are measured on.
    /// - Throws: what the store throws when it is read.
    package init(
        log: any DurableLog, store: any DeltaStore, idKey: HashKey,
        settings: RollupSettings = RollupSettings(), ids: IDIndex? = nil,
        recycle: @escaping @Sendable (Batch) -> Void,
        notice: @escaping @Sendable (String) -> Void = { _ in },
        onAnswers: @escaping @Sendable () -> Void = {},
        onFlush: @escaping @Sendable (_ nanoseconds: UInt64, _ rows: Int) -> Void = { _, _ in },
        givesWay: @escaping @Sendable () -> Bool = { false },
        clock: any Clock = SystemClock()
    ) throws {
        self.log = log
        self.settings = settings
        self.recycle = recycle
        self.notice = notice
        self.onAnswers = onAnswers
        self.onFlush = onFlush
        self.givesWay = givesWay
        self.clock = clock
        keptUp = clock.monotonicNanoseconds()
        board = StatusBoard(clock: clock)
        timer = FlushTimer(
            flushMilliseconds: settings.flushMilliseconds,
            horizonMilliseconds: settings.horizonMilliseconds)
        queue = BatchQueue(
            limitBytes: settings.queueBytes, patienceMilliseconds: settings.patienceMilliseconds,
            givesWay: givesWay, clock: clock)
        folder = try Folder(
            log: log, store: store, idKey: idKey, window: settings.dedupeWindow, ids: ids)
        publish()
    }

    package var status: RollupStatus { board.status }

    /// Bytes of batches waiting.
    package var queuedBytes: Int { queue.queuedBytes }

    package enum Stage: Sendable {
        case rebuildingIDs
        case catchingUp
    }

    /// Reads what the window of ids needs, folds what is durable and not yet in the ledger, then
    /// starts the thread.
    ///
    /// - Parameters:
    ///   - onOwnThread: false: there is no such thread, the caller does its work by `turn`, so that a
    ///     simulation decides what happens when.
    ///   - progress: lines done and lines to do of each stage, on the caller's thread.
    package func start(
        onOwnThread: Bool = true, _ progress: (Stage, UInt64, UInt64) -> Void = { _, _, _ in }
    ) throws {
        try folder.rebuild { progress(.rebuildingIDs, $0, $1) }
        try folder.catchUp(through: log.watermark) { progress(.catchingUp, $0, $1) }
        publish()
        running = onOwnThread ? .thread(try makeThread()) : .turns
    }

    private func makeThread() throws -> pthread_t {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<RollupLoop>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        if code != 0 {
            body.release()
            throw RollupError.noThread(code: code)
        }
        return thread
    }

    /// Takes a durable batch; its lines follow those of the batch before. May wait for room, see
    /// `RollupSettings.patienceMilliseconds`. Called on the journal's thread.
    package func offer(_ batch: Batch) {
        batch.offeredNanoseconds = now
        if !queue.put(batch) {
            board.change { $0.letGo += 1 }
            recycle(batch)
        }
    }

    /// Folds everything durable that the time for stopping allows, applies it, moves it into the
    /// main file, and ends the thread.
    /// - Throws: when the ledger couldn't be written; nothing is lost, the log has it.
    package func stop() throws {
        switch running {
        case .no: return
        case .thread(let thread):
            askToStop()
            pthread_join(thread, nil)
        case .turns:
            askToStop()
            while turn() {}
        }
        running = .no
        folder.storeIDs()
        if let failure { throw failure }
        try folder.store.checkpoint()
    }

    /// Lets the end begin without waiting for it: no trouble is sat out from now on.
    package func askToStop() { queue.stop() }

    /// What the thread ended with; read after it was joined.
    private var failure: (any Error)?

    private func run() {
        nameThisThread("rollup")
        while turn() {}
    }

    /// What the thread does again and again, once: a batch or gap, and a flush when it is due.
    /// - Returns: false: that was the end.
    package func turn() -> Bool {
        do { return try step() } catch {
            failure = error
            return false
        }
    }

    /// One batch or gap. false: the end. Throws only when the end was asked for in trouble.
    private func step() throws -> Bool {
        makeWay()
        switch queue.take(
            next: folder.next, until: due ?? now + timer.flushNanoseconds)
        {
        case .batch(let batch):
            defer { recycle(batch) }
            let offered = batch.offeredNanoseconds
            if offered + settings.horizonMilliseconds * 1_000_000 > now { keptUp = now }
            guard try readGap(through: batch.firstSeq - 1) else { return true }
            // Still missing: the log doesn't hold them any more.
            try insist { try folder.take(batch) }
            if !folder.delta.isEmpty { timer.take(offered: offered, now: now) }
        case .gap(let through): guard try readGap(through: through) else { return true }
        case .nothing: keptUp = now
        case .stopped:
            try readRest()
            try flush()
            return false
        }
        publishFolded()
        try flushIfDue()
        return true
    }

    /// A processor can't be had twice: while datagrams come faster than they are read the counters
    /// wait, which come late then; what the kernel drops never comes. Not for ever: who is behind for
    /// long goes on beside them.
    private func makeWay() {
        while now < keptUp + settings.wayMilliseconds * 1_000_000, givesWay() {
            if queue.pause(milliseconds: BatchQueue.lookMilliseconds) { return }
        }
    }

    private func flushIfDue() throws {
        let isDue = due.map { now >= $0 } ?? false
        if isDue || folder.delta.byteCount >= settings.deltaBytes { try flush() }
    }

    /// What the queue had to let go. It may be millions of lines.
    /// - Returns: false: the end was asked for on the way.
    private func readGap(through last: UInt64) throws -> Bool {
        // Counted here and not by `next`, which lines lost to damage don't move.
        var done = folder.next - 1
        while done < last {
            makeWay()
            if queue.hasStopped { return false }
            done = min(last, done + settings.stopStepLines)
            try readLog(through: done)
            publishFolded()
            try flushIfDue()
        }
        return true
    }

    private var due: UInt64? {
        let delta = folder.delta
        return timer.due(deltaBytes: delta.byteCount, isHasty: delta.hasAnswers)
    }

    /// What is durable and not folded yet, as far as the time for stopping allows: the next start
    /// catches up with the rest.
    private func readRest() throws {
        let end = now + settings.stopMilliseconds * 1_000_000
        // Counted here and not by `next`, which lines lost to damage don't move.
        var done = folder.next - 1
        while done < log.watermark {
            guard now < end else {
                notice("stopped behind the log: the next start counts the rest")
                return
            }
            done = min(log.watermark, done + settings.stopStepLines)
            try readLog(through: done)
        }
    }

    private func readLog(through last: UInt64) throws {
        guard last >= folder.next else { return }
        // What was folded before a failure isn't folded again: `next` went on.
        try insist {
            try log.read(from: folder.next, through: last) { batch in
                try folder.take(batch)
                let now = clock.monotonicNanoseconds()
                timer.take(offered: now, now: now)
                if folder.delta.byteCount >= settings.deltaBytes { try flush() }
            }
        }
    }

    private func flush() throws {
        let start = now
        let bytes = folder.delta.byteCount
        let rows = folder.delta.isEmpty ? nil : folder.delta.rowCount
        let hasAnswers = folder.delta.hasAnswers
        try insist { try folder.flush() }
        let took = now - start
        timer.end(deltaBytes: bytes, took: took, now: now)
        if let rows { onFlush(took, rows) }
        board.change {
            $0.flushes += 1
            $0.lastFlushMilliseconds = took / 1_000_000
        }
        publish()
        if hasAnswers { onAnswers() }
    }

    /// Tries until it works; gives up only when the end is asked for.
    private func insist(_ body: () throws -> Void) throws {
        var isTroubled = false
        while true {
            do {
                try body()
                if isTroubled {
                    board.change { $0.trouble = nil }
                    notice("the roll-up goes on")
                }
                return
            } catch {
                if !isTroubled {
                    isTroubled = true
                    board.change { $0.trouble = "\(error)" }
                    notice(
                        "the roll-up waits and tries again, events are safe and counters stand still: \(error)"
                    )
                }
                if queue.pause(milliseconds: settings.retryMilliseconds) { throw error }
            }
        }
    }

    private var now: UInt64 { clock.monotonicNanoseconds() }

    private func publishFolded() {
        let (folded, oldest, seen) = (folder.next - 1, timer.offered, folder.seenBytes)
        let forgotten = folder.forgottenIDs
        board.update(oldest: oldest) {
            $0.foldedSeq = folded
            $0.seenBytes = seen
            $0.forgottenIDs = forgotten
        }
    }

    private func publish() {
        publishFolded()
        let stored = folder.stored
        board.change {
            $0.appliedSeq = stored.lastSeq
            $0.applied = stored.applied
            $0.duplicates = stored.duplicates
            $0.anonymised = stored.anonymised
        }
    }

    /// Through /proc, because the call for it isn't in the C library's plain interface.
    private func nameThisThread(_ name: StaticString) {
        let file = Glibc.open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, name.utf8Start, name.utf8CodeUnitCount)
        close(file)
    }
}

package enum RollupError: Error, Equatable {
    /// The system gives no thread: its error number.
    case noThread(code: Int32)
}
