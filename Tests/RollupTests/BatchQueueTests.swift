import Engagement
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Rollup

@Suite struct BatchQueueTests {
    private func next(_ queue: BatchQueue, _ seq: UInt64) -> String {
        switch queue.take(next: seq, until: 0) {
        case .batch(let batch): "batch \(batch.firstSeq)"
        case .gap(let through): "gap \(through)"
        case .nothing: "nothing"
        case .stopped: "stopped"
        }
    }

    @Test func `batches come out in order`() {
        let queue = BatchQueue(limitBytes: 1 << 20, patienceMilliseconds: 0)
        for batch in pageViews(1...30) { #expect(queue.put(batch)) }
        #expect(queue.queuedBytes > 0)
        #expect(
            [next(queue, 1), next(queue, 11), next(queue, 21)] == [
                "batch 1", "batch 11", "batch 21",
            ])
        #expect(queue.queuedBytes == 0)
        #expect(next(queue, 31) == "nothing")
    }

    @Test func `a batch without room is let go and its seqs are a gap`() {
        let batches = pageViews(1...30)
        let queue = BatchQueue(
            limitBytes: BatchQueue.weight(batches[0]) + 10, patienceMilliseconds: 0)
        #expect(queue.put(batches[0]))
        #expect(!queue.put(batches[1]))
        #expect(next(queue, 1) == "batch 1")
        #expect(next(queue, 11) == "gap 20")
        #expect(queue.put(batches[2]))
        #expect(next(queue, 21) == "batch 21")
    }

    @Test func `one batch larger than the queue still goes through`() {
        let queue = BatchQueue(limitBytes: 1, patienceMilliseconds: 0)
        #expect(queue.put(pageViews(1...10)[0]))
    }

    /// What was let go is the log's then, as far as there is time to read it.
    @Test func `after a stop nothing is taken in and what is left comes out`() {
        let batches = pageViews(1...20)
        let queue = BatchQueue(limitBytes: 1 << 20, patienceMilliseconds: 60_000)
        _ = queue.put(batches[0])
        queue.stop()
        #expect(!queue.put(batches[1]))
        #expect(next(queue, 1) == "batch 1")
        #expect(next(queue, 11) == "stopped")
    }

    @Test(.timeLimit(.minutes(20)))
    func `nobody waits for room while way has to be made`() {
        let batches = pageViews(1...20)
        let queue = BatchQueue(
            limitBytes: BatchQueue.weight(batches[0]) + 10, patienceMilliseconds: 3_600_000,
            givesWay: { true })
        #expect(queue.put(batches[0]))
        #expect(!queue.put(batches[1]))
        #expect(next(queue, 1) == "batch 1")
        #expect(next(queue, 11) == "gap 20")
    }

    @Test(.timeLimit(.minutes(20)))
    func `who waits for room already is let go when way has to be made`() {
        let batches = pageViews(1...20)
        let isPressed = Atomic(false)
        let asked = Atomic(0)
        let queue = BatchQueue(
            limitBytes: BatchQueue.weight(batches[0]) + 10, patienceMilliseconds: 3_600_000,
            givesWay: {
                asked.add(1, ordering: .relaxed)
                return isPressed.load(ordering: .relaxed)
            })
        #expect(queue.put(batches[0]))
        // A thread of its own: this one waits, and tasks have no more of them than there are cores.
        Thread.detachNewThread {
            while asked.load(ordering: .relaxed) < 2 { usleep(200) }
            isPressed.store(true, ordering: .relaxed)
        }
        #expect(!queue.put(batches[1]))
    }
}
