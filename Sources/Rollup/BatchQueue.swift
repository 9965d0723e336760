import Engagement
import Journal

/// Durable batches waiting to be folded, in seq order: a bounded cache of the end of the log.
///
/// A full queue makes the journal wait only while the roll-up moves, and not at all while it has to
/// make way; a batch that finds no room is
/// not taken, and its seqs are remembered as a gap to be read from the log.
final class BatchQueue: @unchecked Sendable {
    enum Next {
        case batch(Batch)
        /// Nothing waits, but lines up to this seq were let go.
        case gap(through: UInt64)
        case nothing
        case stopped
    }

    private let monitor: Monitor
    private let clock: any Clock
    private let limitBytes: Int
    private let patience: UInt64
    private let givesWay: @Sendable () -> Bool
    /// Between two looks whether it has to: receive buffers fill within tenths of a second.
    static let lookMilliseconds: UInt64 = 10
    private var waiting: [Batch] = []
    private var head = 0
    private var bytes = 0
    private var lastPop: UInt64
    private var letGoThrough: UInt64 = 0
    private var isStopping = false

    init(
        limitBytes: Int, patienceMilliseconds: UInt64,
        givesWay: @escaping @Sendable () -> Bool = { false }, clock: any Clock = SystemClock()
    ) {
        self.givesWay = givesWay
        self.limitBytes = limitBytes
        self.clock = clock
        patience = patienceMilliseconds * 1_000_000
        monitor = Monitor(clock)
        lastPop = clock.monotonicNanoseconds()
    }

    var queuedBytes: Int { monitor.locked { bytes } }

    /// What a batch takes of memory: what it holds and, however little that is, the pages that its
    /// buffers begin in.
    static func weight(_ batch: Batch) -> Int {
        (16 << 10) + batch.byteCount + batch.wordCount * 8
            + batch.lineCount * MemoryLayout<Batch.Line>.stride
    }

    /// false: no room, or stopping; the batch is the caller's again.
    func put(_ batch: Batch) -> Bool {
        let weight = Self.weight(batch)
        return monitor.locked {
            while bytes > 0, bytes + weight > limitBytes, !isStopping, !givesWay() {
                let now = clock.monotonicNanoseconds()
                let patienceEnds = lastPop + patience
                let look = min(patienceEnds, now + Self.lookMilliseconds * 1_000_000)
                // Where nobody can wait (one thread does everything) the time doesn't come.
                if now >= patienceEnds
                    || (!wait(until: look) && clock.monotonicNanoseconds() < look)
                {
                    break
                }
            }
            guard !isStopping, bytes == 0 || bytes + weight <= limitBytes else {
                letGoThrough = max(letGoThrough, batch.lastSeq)
                return false
            }
            waiting.append(batch)
            bytes += weight
            monitor.announce()
            return true
        }
    }

    /// The next batch, waiting at most until `deadline` (monotonic ns). After `stop` it hands out
    /// what is left and then says so.
    func take(next: UInt64, until deadline: UInt64) -> Next {
        monitor.locked {
            while head == waiting.count, !isStopping, letGoThrough < next {
                if !wait(until: deadline) { return .nothing }
            }
            lastPop = clock.monotonicNanoseconds()
            if head < waiting.count {
                let batch = waiting[head]
                head += 1
                bytes -= Self.weight(batch)
                if head == waiting.count || head >= 256 {
                    waiting.removeFirst(head)
                    head = 0
                }
                monitor.announce()
                return .batch(batch)
            }
            // At the end the rest of the log is read anyway, as far as the time allows.
            return isStopping ? .stopped : .gap(through: letGoThrough)
        }
    }

    var hasStopped: Bool { monitor.locked { isStopping } }

    func stop() {
        monitor.locked {
            isStopping = true
            monitor.announce()
        }
    }

    /// Waits, unless the end was asked for. - Returns: whether it was.
    func pause(milliseconds: UInt64) -> Bool {
        monitor.locked {
            let deadline = Monitor.Deadline(nanoseconds: milliseconds * 1_000_000)
            while !isStopping, monitor.wait(until: deadline) {}
            return isStopping
        }
    }

    /// - Parameter time: by the clock. - Returns: false: it has come.
    private func wait(until time: UInt64) -> Bool {
        let now = clock.monotonicNanoseconds()
        return monitor.wait(until: Monitor.Deadline(nanoseconds: time > now ? time - now : 0))
    }
}
