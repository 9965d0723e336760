import Engagement
import Journal
import Rollup
import TestSupport

/// One life of the daemon, without its sockets: it recovers, catches up, takes batches, and ends in
/// whatever way. Journal and roll-up take turns in random order on this one thread.
final class Life: @unchecked Sendable {
    let world: World
    private let limits: JournalLimits
    private let settings: RollupSettings
    private var journal: Journal?
    private var rollup: RollupLoop?
    private var ids: IDIndex?
    private var unsettled = 0
    private var offered: UInt64 = 0
    /// The disk can't be trusted any more: the process exits with 74.
    private var isFatal = false
    private var isRollupBusy = false
    private var isRetiring = false
    /// Faults met before the writer began, and before it was stopped.
    private var faultsBefore = 0
    /// Of those of the disk, the ones that the upkeep met: the journal doesn't know of them.
    private var faultsOfUpkeep: Set<Int> = []

    init(_ world: World) {
        self.world = world
        limits = Weather.limits(&world.rng)
        settings = Weather.settings(&world.rng, window: world.window)
    }

    private var isOver: Bool { world.disk.isStopped || isFatal || world.referee.complaint != nil }

    func run() -> String {
        defer { cleanUp() }
        do {
            try begin()
        } catch {
            judge(error)
            return world.disk.isStopped ? "in-recovery" : "recovery-failed"
        }
        act()
        if world.disk.isStopped { return "stopped" }
        if isFatal { return "fatal" }
        if world.rng.oneIn(2) { return "killed" }
        return end()
    }

    // MARK: Begin

    private func open() throws -> Journal {
        try Journal.open(
            directory: World.directory, fileSystem: world.disk, clock: world.clock, limits: limits,
            notice: { [world] in world.tell("\($0)") },
            makeIdentity: {
                NodeIdentity(node: 7, epoch: 0, salt: [UInt8](repeating: 1, count: 32))
            })
    }

    private func begin() throws {
        let before = world.wasCut ? world.disk.files(below: World.directory) : nil
        var journal = try open()
        self.journal = journal
        try world.checkRecovery(journal, before)
        if world.rng.oneIn(4) {
            let first = world.disk.files(below: World.directory)
            journal.stop()
            journal = try open()
            self.journal = journal
            world.checkUnchanged(since: first)
            try world.checkRecovery(journal, nil)
        }
        world.referee.expect(
            world.store.restore(for: try journal.firstSeq()), "no snapshot reaches the log")
        if world.isRetiring || world.rng.oneIn(2) {
            ids = IDIndex(
                directory: World.directory + "/ids", fileSystem: world.disk, chunkSeqs: 16,
                checkedLines: .random(in: 1...8, using: &world.rng),
                notice: { [world] in world.tell($0) })
        }
        let log = WatchedLog(journal, world.disk, world.referee)
        world.store.durable = { [unowned journal] in journal.watermark.seq }
        let rollup = try RollupLoop(
            log: log, store: world.store, idKey: World.idKey, settings: settings,
            ids: ids, recycle: { _ in }, notice: { [world] in world.tell($0) }, clock: world.clock)
        log.loop = rollup
        try rollup.start(onOwnThread: false)
        self.rollup = rollup
        world.referee.expect(rollup.status.forgottenIDs == 0, "ids of retired lines are lost")
        world.checkCounters(through: journal.watermark.seq)
        faultsBefore = world.disk.injected.count
        try journal.start(
            onOwnThread: false,
            onDurable: { [self] in durable($0) }, onRelief: {},
            onFatal: { [self] error in
                world.tell("fatal: \(error)")
                isFatal = true
            })
        world.disk.duringSync = { [self] in
            if world.rng.oneIn(4) { turnRollup() }
            if world.rng.oneIn(20) { retire() }
        }
    }

    /// An error of the disk may end a start; anything else may not.
    private func judge(_ error: any Error) {
        world.tell("failed: \(error)")
        if error is SimulatedStore.Locked { return }
        let isExcused =
            world.disk.isStopped || !world.disk.injected.isEmpty || !world.disk.shortages.isEmpty
        world.referee.expect(error is FileError && isExcused, "it failed: \(error)")
    }

    // MARK: Act

    private func act() {
        for _ in 0..<Int.random(in: 5...40, using: &world.rng) where !isOver {
            switch Int.random(in: 0..<20, using: &world.rng) {
            case 0..<6: submit()
            case 6..<11: journal?.turn()
            case 11..<15: turnRollup()
            case 15, 16:
                world.clock.pass(nanoseconds: .random(in: 0...2_000_000_000, using: &world.rng))
            case 17: stepClock()
            case 18 where world.isRetiring && world.rng.oneIn(2): retire()
            case 18: world.store.failures = .random(in: 0...3, using: &world.rng)
            default: look()
            }
        }
        checkFatality()
    }

    private func submit() {
        let (batch, numbers) = world.newBatch()
        unsettled += 1
        batch.settled = { [self] batch, isDurable in
            unsettled -= 1
            world.tell(
                "lines \(numbers) \(isDurable ? "are durable from \(batch.firstSeq)" : "are given up")"
            )
            if isDurable { world.acknowledge(numbers, firstSeq: batch.firstSeq) }
        }
        world.tell("lines \(numbers) are submitted")
        journal?.submit(batch)
    }

    private func durable(_ batch: Batch) {
        if batch.lines[0].traits.contains(.control) {
            world.model.claim([.control], firstSeq: batch.firstSeq)
        }
        world.referee.expect(
            batch.lastSeq <= (journal?.watermark.seq ?? 0) && batch.lastSeq <= world.model.lastSeq,
            "seq \(batch.lastSeq) was offered before it was durable: \(journal?.watermark.seq ?? 0), \(world.model.lastSeq)"
        )
        rollup?.offer(batch)
    }

    private func turnRollup() {
        guard let rollup, !isRollupBusy, !isOver else { return }
        isRollupBusy = true
        defer { isRollupBusy = false }
        _ = rollup.turn()
    }

    private func stepClock() {
        let day: Int64 = 86_400_000
        let step = [-day, 365 * day, -365 * day, -30, 5_000, -61_000].randomElement(
            using: &world.rng)!
        world.tell("the wall clock steps by \(step) ms")
        world.clock.stepWall(milliseconds: step)
    }

    /// What the upkeep does now and then, on a thread of its own.
    private func retire() {
        guard world.isRetiring, let journal, let ids, !isRetiring, !isOver else { return }
        isRetiring = true
        let faults = world.disk.injected.count
        defer {
            isRetiring = false
            faultsOfUpkeep.formUnion(faults..<world.disk.injected.count)
        }
        if world.rng.oneIn(2) { world.store.makeSnapshot() }
        guard let oldest = world.store.snapshots.first?.progress.lastSeq else { return }
        let retention = Retention(
            directory: journal.directory, fileSystem: world.disk,
            limits: .init(bytes: .random(in: 1...20_000, using: &world.rng)))
        let retirement = SegmentRetirement(
            retention, ids: ids,
            log: JournalLog(journal.reader(), durable: { journal.watermark.seq }),
            idKey: World.idKey, window: world.window)
        do {
            try world.store.checkpoint()
            let counted = min(oldest, world.store.newest.progress.lastSeq)
            world.retirable = max(world.retirable, counted)
            try retirement.run(try retention.due(now: 0), counted: counted) { [world] segment in
                world.tell("seqs \(segment.firstSeq) to \(segment.lastSeq) are retired")
                world.retired = segment.lastSeq
            }
        } catch { judge(error) }
    }

    /// What others may do while it lives.
    private func look() {
        guard let journal else { return }
        if world.rng.oneIn(2) {
            do {
                let second = try open()
                second.stop()
                world.referee.complain("a second process got the directory")
            } catch JournalError.locked {
            } catch { judge(error) }
        } else {
            world.checkLog(journal)
            world.checkCounters(through: nil)
        }
    }

    // MARK: End

    /// The orderly end: everything is durable, sealed and counted.
    private func end() -> String {
        guard let journal, let rollup else { return "stopped" }
        let faults = world.disk.injected.count
        journal.stop()
        guard !isOver else { return world.disk.isStopped ? "stopped" : "fatal" }
        world.referee.expect(unsettled == 0, "\(unsettled) batches were never settled")
        isRollupBusy = true
        do { try rollup.stop() } catch {
            judge(error)
            return "uncounted"
        }
        guard !isOver else { return "stopped" }
        world.checkCounters(through: journal.watermark.seq)
        if world.disk.injected.count == faults, faults == faultsBefore, world.disk.shortages.isEmpty
        {
            world.checkClean()
        }
        return "orderly"
    }

    /// One failed sync is survived, a second is not; and nothing ends for a passing reason.
    private func checkFatality() {
        guard !world.disk.isStopped else { return }
        let met = world.disk.injected.enumerated().dropFirst(faultsBefore).filter {
            !faultsOfUpkeep.contains($0.offset)
                && ($0.element.path.contains("/segments")
                    || $0.element.path.contains("/quarantine"))
        }.map(\.element)
        let syncs = met.filter { [.syncData, .sync, .syncDirectory].contains($0.operation) }
        world.referee.expect(
            isFatal || syncs.count < 2, "\(syncs.count) syncs failed, and it goes on")
        guard isFatal else { return }
        let hard = met.filter {
            $0.code == 5 || [.syncData, .sync, .syncDirectory].contains($0.operation)
        }
        world.referee.expect(!hard.isEmpty, "it ended without an error of the disk")
        world.referee.expect(
            met.count > 1 || !world.disk.shortages.isEmpty, "it ended at the first error")
    }

    /// Gives back memory; nothing of this happens to the disk any more.
    private func cleanUp() {
        world.disk.duringSync = nil
        world.lastCall = world.disk.calls
        world.disk.stopAt = 0
        _ = try? world.disk.list("/")
        rollup?.askToStop()
        journal?.stop()
        try? rollup?.stop()
        journal = nil
        rollup = nil
    }
}
