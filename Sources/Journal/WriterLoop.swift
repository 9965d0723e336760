import Engagement
import Synchronization

/// What the writer thread does: take, merge, stamp, write, settle; between times keep house.
final class WriterLoop: @unchecked Sendable {
    private let journal: Journal
    private let writer: SegmentWriter
    private let onSync: @Sendable (_ nanoseconds: UInt64, _ lines: Int) -> Void
    private let onDurable: @Sendable (Batch) -> Void
    private let onRelief: @Sendable () -> Void
    private let onFatal: @Sendable (FileError) -> Void

    private var stamp = LineStamp()
    private var lastReceived = Int64.min
    private var lastHousekeeping: UInt64 = 0
    /// The journal's own lines, written before the next batch.
    private var notes: [Batch]
    /// Those in hand, kept for its room.
    private var batches: [Batch] = []
    private var hasFailed = false
    private var isStopping = false

    init(
        _ journal: Journal, _ writer: SegmentWriter,
        onSync: @escaping @Sendable (_ nanoseconds: UInt64, _ lines: Int) -> Void,
        onDurable: @escaping @Sendable (Batch) -> Void,
        onRelief: @escaping @Sendable () -> Void, onFatal: @escaping @Sendable (FileError) -> Void
    ) {
        self.journal = journal
        self.writer = writer
        self.onSync = onSync
        self.onDurable = onDurable
        self.onRelief = onRelief
        self.onFatal = onFatal
        notes = journal.recovery.unreported.map(ControlLine.quarantine)
    }

    /// Until the end is asked for.
    func run() {
        while turn(waiting: journal.limits.housekeepingNanoseconds) {}
    }

    /// Keeps house, takes what waits and makes it durable. - Returns: false: that was the end.
    func turn(waiting nanoseconds: UInt64) -> Bool {
        keepHouse()
        rollOver()
        isStopping = journal.mailbox.take(into: &batches, waiting: nanoseconds)
        process(batches)
        batches.removeAll(keepingCapacity: true)
        guard isStopping else { return true }
        if !hasFailed { writer.finish() }
        publish()
        return false
    }

    /// Makes batches durable in order, or settles what can't be.
    private func process(_ batches: [Batch]) {
        var place = Place()
        while place.batch < batches.count {
            if hasFailed { return giveUp(batches[place.batch...]) }
            do throws(FileError) {
                guard try step(batches, &place) else { return giveUp(batches[place.batch...]) }
                if let failure = writer.failure { throw failure }
            } catch {
                hasFailed = true
                giveUp(batches[place.batch...])
                publish()
                onFatal(error)
                return
            }
            publish()
            keepHouse()
        }
    }

    /// A batch and the first of its lines that isn't durable.
    private struct Place {
        var batch = 0
        var line = 0
    }

    /// Writes one member. - Returns: false where there is no room and no time left to wait for it.
    private func step(_ batches: [Batch], _ place: inout Place) throws(FileError) -> Bool {
        let received = readClock()
        stamp.begin(firstSeq: writer.nextSeq, received: received)
        if let note = notes.first {
            number(note)
            _ = stamp.append(note, from: 0)
            guard try store(.control) else { return false }
            notes.removeFirst()
            onDurable(note)
            return true
        }
        var next = place
        let kind = fill(batches, &next)
        guard stamp.lineCount > 0 || next.batch > place.batch else {
            // A line that doesn't fit an empty member: no gate lets one through.
            settle(batches[place.batch], false)
            place = Place(batch: place.batch + 1, line: 0)
            return true
        }
        if stamp.lineCount > 0, try !store(kind) { return false }
        let done = place.batch..<next.batch
        place = next
        for batch in batches[done] {
            settle(batch, true)
            onDurable(batch)
        }
        return true
    }

    /// Stamps as many whole batches as one member takes; a batch that is longer than a member is
    /// continued in the next.
    private func fill(_ batches: [Batch], _ place: inout Place) -> MemberKind {
        let limits = journal.limits
        while place.batch < batches.count {
            let batch = batches[place.batch]
            let isControl = batch.lineCount == 1 && batch.lines[0].traits.contains(.control)
            if stamp.lineCount > 0 {
                let bytes = stamp.rawBytes + Mailbox.weight(batch)
                if isControl || bytes > limits.memberRawBytes
                    || stamp.lineCount + batch.lineCount > limits.memberLines
                {
                    break
                }
            }
            if place.line == 0 { number(batch) }
            let next = stamp.append(batch, from: place.line)
            if next < batch.lineCount {
                place.line = next
                break
            }
            place.batch += 1
            place.line = 0
            if isControl { return .control }
        }
        return .batch
    }

    private func number(_ batch: Batch) {
        batch.firstSeq = writer.nextSeq + UInt64(stamp.lineCount)
        batch.epoch = writer.epoch
    }

    /// Tries until the member is durable. - Returns: false where the end came before there was room.
    private func store(_ kind: MemberKind) throws(FileError) -> Bool {
        var isLastTry = false
        while try writer.write(
            kind, stamp.body, count: stamp.lineCount, received: stamp.received) == .noRoom
        {
            publish()
            journal.diskLow.store(true, ordering: .relaxed)
            if isLastTry { return false }
            isLastTry = journal.mailbox.pause(journal.limits.roomRetryNanoseconds)
        }
        journal.durableSeq.store(writer.nextSeq - 1, ordering: .releasing)
        onSync(writer.statistics.lastSyncNanoseconds, stamp.lineCount)
        return true
    }

    /// The stamp of the next member. It doesn't decrease, unless the wall clock was stepped back by
    /// more than a minute: then it follows, and a note says so.
    private func readClock() -> Int64 {
        let now = journal.clock.wallMilliseconds()
        if now >= lastReceived || lastReceived == .min {
            lastReceived = now
        } else if lastReceived - now > journal.limits.clockStepMilliseconds {
            let step = lastReceived - now
            journal.notice(.clockSteppedBack(milliseconds: step))
            notes.append(
                ControlLine.note("clock stepped back", fields: ",\"milliseconds\":\(step)"))
            lastReceived = now
        }
        return lastReceived
    }

    private func settle(_ batch: Batch, _ isDurable: Bool) {
        let weight = Mailbox.weight(batch)
        Journal.settle(batch, isDurable)
        if journal.mailbox.settled(bytes: weight) { onRelief() }
    }

    private func giveUp(_ batches: ArraySlice<Batch>) {
        guard !batches.isEmpty else { return }
        journal.notice(.givenUp(batches: batches.count))
        for batch in batches { settle(batch, false) }
    }

    private func publish() {
        writer.statistics.hasRetried = writer.hasRetried
        writer.statistics.closedSeq = writer.closedSeq
        journal.snapshot.withLock { $0 = writer.statistics }
    }

    private func keepHouse() {
        let now = journal.clock.monotonicNanoseconds()
        guard !hasFailed, now &- lastHousekeeping >= journal.limits.housekeepingNanoseconds else {
            return
        }
        lastHousekeeping = now
        do throws(FileError) {
            guard let free = try writer.keepHouse() else { return }
            writer.statistics.freeBytes = free
            judgeRoom(free)
        } catch {
            hasFailed = true
            onFatal(error)
        }
        publish()
    }

    /// Seals the segment where that was asked for; what can't be done now is tried at the next turn.
    private func rollOver() {
        guard !hasFailed, journal.wantsRollOver.exchange(false, ordering: .acquiring) else {
            return
        }
        do throws(FileError) {
            if try !writer.rollOver() { journal.wantsRollOver.store(true, ordering: .relaxed) }
        } catch {
            hasFailed = true
            onFatal(error)
        }
        publish()
    }

    /// Low below the mark; room again a sixteenth above it, so that it doesn't flutter.
    private func judgeRoom(_ free: Int) {
        let mark = journal.limits.lowWaterBytes
        let isLow = journal.diskLow.load(ordering: .relaxed)
        if !isLow, free < mark {
            journal.diskLow.store(true, ordering: .relaxed)
            journal.notice(.diskLow(freeBytes: free))
        } else if isLow, free >= mark + mark / 16 {
            journal.diskLow.store(false, ordering: .relaxed)
            journal.notice(.diskRoomAgain(freeBytes: free))
            onRelief()
        }
    }
}
