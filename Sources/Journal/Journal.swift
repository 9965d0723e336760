package import Engagement
import Synchronization

/// The journal of one data directory: takes batches from any thread, numbers their lines, and
/// tells when they are durable. Nothing is acknowledged before that.
///
/// One thread writes: it takes what waits, merges it into members, stamps, deflates, writes and
/// syncs one member at a time (SegmentWriter), moves the watermark, and hands the batch on. The
/// longer a sync takes the more is merged into the next member, so the queue paces itself.
package final class Journal: @unchecked Sendable {
    /// Who this directory is; its epoch is this life of the daemon.
    package let identity: NodeIdentity
    /// What recovery found and did.
    package let recovery: RecoveryReport
    package let directory: DataDirectory

    let fileSystem: any FileSystem
    let clock: any Clock
    let limits: JournalLimits
    let notice: @Sendable (JournalNotice) -> Void
    let mailbox: Mailbox
    let durableSeq: Atomic<UInt64>
    let diskLow = Atomic<Bool>(false)
    let snapshot = Mutex(JournalStatistics())
    let wantsRollOver = Atomic<Bool>(false)
    private let rewrites = Rewrites()
    /// Of whoever deletes or replaces sealed segments.
    package let segmentTurn = SegmentTurn()
    private let foundLater = Mutex<[SegmentDamage]>([])

    private let lock: OpenFile
    private let writer: SegmentWriter
    private enum Writing {
        case thread(PlainThread)
        /// By turns, on the thread of whoever calls `turn`.
        case turns(WriterLoop)
    }
    private struct Life {
        var writing: Writing?
        var isStopped = false
    }
    private let life = Mutex(Life())

    /// Takes the directory, recovers what the last process left, and begins a new epoch. Sockets
    /// are opened after this.
    ///
    /// - Parameters:
    ///   - directory: made where it doesn't exist.
    ///   - ledgerEpoch: the epoch of the ledger's progress; the new one is larger.
    ///   - notice: called from this thread and later from the writer's.
    ///   - makeIdentity: called for a directory without one.
    /// - Throws: `JournalError.locked` where another process holds the directory (exit 75), other
    ///   `JournalError`s, or `FileError` (exit 74).
    package static func open(
        directory path: String, fileSystem: any FileSystem = PosixFileSystem(),
        clock: any Clock = SystemClock(), limits: JournalLimits = JournalLimits(),
        ledgerEpoch: UInt64 = 0, notice: @escaping @Sendable (JournalNotice) -> Void = { _ in },
        makeIdentity: () -> NodeIdentity = NodeIdentity.random
    ) throws -> Journal {
        let directory = DataDirectory(path)
        try directory.make(fileSystem)
        let lock = try fileSystem.open(directory.lock, .createOrOpen)
        do {
            guard try fileSystem.lock(lock) else { throw JournalError.locked(path: directory.root) }
            var recovery = Recovery(
                directory: directory, fileSystem: fileSystem, clock: clock,
                quarantineBytes: limits.quarantineBytes, notice: notice)
            let report = try recovery.run(freeingBallast: true)
            var identity = try Self.identity(directory, fileSystem, report, makeIdentity, notice)
            identity.epoch = 1 + max(identity.epoch, report.lastEpoch, ledgerEpoch)
            try identity.store(directory, fileSystem)
            return Journal(
                directory: directory, fileSystem: fileSystem, clock: clock, limits: limits,
                lock: lock, identity: identity, recovery: report, notice: notice)
        } catch {
            fileSystem.unlock(lock)
            throw error
        }
    }

    private static func identity(
        _ directory: DataDirectory, _ fileSystem: any FileSystem, _ report: RecoveryReport,
        _ make: () -> NodeIdentity, _ notice: (JournalNotice) -> Void
    ) throws -> NodeIdentity {
        if let known = try NodeIdentity.load(directory, fileSystem) {
            if let node = report.node, node != known.node {
                throw JournalError.foreignSegments(path: directory.node, node: node)
            }
            return known
        }
        var identity = make()
        if let node = report.node { identity.node = node }
        notice(.nodeFileMade(hadSegments: report.node != nil))
        return identity
    }

    private init(
        directory: DataDirectory, fileSystem: any FileSystem, clock: any Clock,
        limits: JournalLimits, lock: OpenFile, identity: NodeIdentity, recovery: RecoveryReport,
        notice: @escaping @Sendable (JournalNotice) -> Void
    ) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.clock = clock
        self.limits = limits
        self.lock = lock
        self.identity = identity
        self.recovery = recovery
        self.notice = notice
        mailbox = Mailbox(limitBytes: limits.queueBytes, clock: clock)
        durableSeq = Atomic(recovery.nextSeq - 1)
        snapshot.withLock { $0.closedSeq = recovery.nextSeq - 1 }
        writer = SegmentWriter(
            directory: directory, fileSystem: fileSystem, clock: clock, limits: limits,
            node: identity.node, epoch: identity.epoch, nextSeq: recovery.nextSeq,
            chain: recovery.chain, notice: notice)
        if let free = try? fileSystem.freeBytes(directory.root) {
            diskLow.store(free < limits.lowWaterBytes, ordering: .relaxed)
        }
    }

    /// Starts the writer thread. The four handlers are called on it.
    ///
    /// - Parameters:
    ///   - onOwnThread: false: there is no such thread, the caller does its work by `turn`, so that a
    ///     simulation decides what happens when.
    ///   - onSync: how long the sync of a member took, nanoseconds, and its lines.
    ///   - onDurable: each batch, in seq order, after its `settled`; it is the callee's from then
    ///     on. The journal's own control lines come as batches of one line, too.
    ///   - onRelief: the congestion has passed, or the disk has room again; called once each time.
    ///   - onFatal: the disk can't be trusted (exit 74). What isn't durable has been settled false.
    package func start(
        onOwnThread: Bool = true,
        onSync: @escaping @Sendable (_ nanoseconds: UInt64, _ lines: Int) -> Void = { _, _ in },
        onDurable: @escaping @Sendable (Batch) -> Void, onRelief: @escaping @Sendable () -> Void,
        onFatal: @escaping @Sendable (FileError) -> Void
    ) throws {
        try life.withLock { life in
            guard life.writing == nil, !life.isStopped else { return }
            let loop = WriterLoop(
                self, writer, onSync: onSync, onDurable: onDurable, onRelief: onRelief,
                onFatal: onFatal)
            life.writing =
                onOwnThread
                ? .thread(try PlainThread(name: "journal") { loop.run() }) : .turns(loop)
        }
    }

    /// What the writer thread does again and again, once, without waiting.
    package func turn() {
        guard case .turns(let loop) = life.withLock({ $0.writing }) else { return }
        _ = loop.turn(waiting: 0)
    }

    /// Hands a batch over, from any thread; never blocks on the disk. Before `start` it waits;
    /// after `stop` it is settled false at once, on this thread.
    package func submit(_ batch: Batch) {
        if !mailbox.put(batch) { Self.settle(batch, false) }
    }

    /// Too much is waiting for the disk: read no sockets until `onRelief`.
    package var isCongested: Bool { mailbox.isCongested }
    /// The disk has less room than the low-water mark: admit nothing.
    package var isDiskLow: Bool { diskLow.load(ordering: .relaxed) }
    /// Stored bytes were found damaged.
    package var isDegraded: Bool { !damages.isEmpty }
    /// All damage known: what recovery found, and what was found later.
    package var damages: [SegmentDamage] { recovery.damages + foundLater.withLock { $0 } }

    /// Takes note of damage found while running.
    /// - Parameter tellsLog: a CONTROL line is to say so, too.
    func report(_ damage: SegmentDamage, tellsLog: Bool) {
        guard !damages.contains(damage) else { return }
        foundLater.withLock { $0.append(damage) }
        notice(.damaged(damage))
        if tellsLog { submit(ControlLine.quarantine(damage)) }
    }
    package var epoch: UInt64 { identity.epoch }

    /// Everything up to it is durable.
    package var watermark: Watermark {
        Watermark(epoch: epoch, seq: durableSeq.load(ordering: .acquiring))
    }

    /// The oldest seq that the log still holds; that of the next line where it holds none.
    package func firstSeq() throws(FileError) -> UInt64 {
        let names = try directory.segmentNames(fileSystem)
        return names.first.flatMap { SegmentFormat.firstSeq(fileName: $0) } ?? recovery.nextSeq
    }

    package func statistics() -> JournalStatistics {
        var statistics = snapshot.withLock { $0 }
        (statistics.queuedBytes, statistics.queuedBatches) = mailbox.queued
        return statistics
    }

    /// Reads stored lines; for one thread at a time. Don't read past `watermark`.
    package func reader() -> DurableReader {
        DurableReader(
            segments: directory.segments, fileSystem: fileSystem,
            rewrites: { [rewrites] in rewrites.count.load(ordering: .acquiring) })
    }

    /// Rewrites sealed segments, for a thread that has the `segmentTurn`.
    package func rewriter(_ packing: SegmentRewriter.Packing) -> SegmentRewriter {
        SegmentRewriter(
            directory: directory, fileSystem: fileSystem, packing: packing,
            replaced: { [rewrites] in rewrites.count.add(1, ordering: .releasing) })
    }

    /// Has the writer seal its segment soon, if that holds lines: what is durable now will lie in
    /// sealed files when `statistics().closedSeq` has come so far. May be asked as often as one likes.
    package func rollOver() {
        wantsRollOver.store(true, ordering: .releasing)
        mailbox.wake()
    }

    /// Makes everything submitted durable, seals, and lets go of the directory. Waits for that;
    /// not to be called on the writer thread. A second call does nothing.
    package func stop() {
        let writing: Writing?? = life.withLock { life in
            if life.isStopped { return nil }
            life.isStopped = true
            defer { life.writing = nil }
            return .some(life.writing)
        }
        guard let writing else { return }
        switch writing {
        case .thread(let thread):
            mailbox.stop()
            thread.join()
        case .turns(let loop):
            mailbox.stop()
            _ = loop.turn(waiting: 0)
        case nil: for batch in mailbox.close() { Self.settle(batch, false) }
        }
        writer.folder.close()
        fileSystem.unlock(lock)
    }

    static func settle(_ batch: Batch, _ isDurable: Bool) {
        guard let settled = batch.settled else { return }
        batch.settled = nil
        settled(batch, isDurable)
    }
}

/// Files that were rewritten in this life, for readers that keep what they have read.
private final class Rewrites: Sendable {
    let count = Atomic<UInt64>(0)
}
