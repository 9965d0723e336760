import Engagement
import Rollup
import Synchronization
import TestSupport

extension MemoryLog: DurableLog {}

/// A store that keeps the progress and the page views of each subject, and can be out of order.
final class FakeStore: DeltaStore, @unchecked Sendable {
    struct Broken: Error {}
    struct State {
        var stored = StoredState(progress: Progress(), hashKey: HashKey(a: 1, b: 2))
        var views: [String: Int64] = [:]
        var flushes = 0
        var checkpoints = 0
        var failures = 0
        var keyFailures = 0
    }

    let state: Mutex<State>

    /// - Parameter state: of another one, copied at some moment.
    init(_ state: State = State()) { self.state = Mutex(state) }

    var progress: Progress { state.withLock { $0.stored.progress } }
    var views: [String: Int64] { state.withLock { $0.views } }

    func load() throws -> StoredState { state.withLock { $0.stored } }

    func contains(
        _ kind: NaturalKind, site: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer
    ) throws -> Bool {
        try state.withLock { state in
            if state.keyFailures > 0 {
                state.keyFailures -= 1
                throw Broken()
            }
            return false
        }
    }

    func apply(_ delta: Delta) throws -> Progress {
        let added = delta.progress
        return try state.withLock { state in
            if state.failures > 0 {
                state.failures -= 1
                throw Broken()
            }
            let days = delta.rooms.subjectDay.rows
            for i in 0..<days.count {
                let subject = delta.subjects.string(Int32(days.key(i, 0)))
                state.views[subject, default: 0] += days.values(i)[SubjectDay.pageViews.rawValue]
            }
            state.stored.progress.lastSeq = added.lastSeq
            state.stored.progress.applied += added.applied
            state.stored.progress.duplicates += added.duplicates
            state.stored.dropped += delta.dropped
            state.flushes += 1
            return added
        }
    }

    func checkpoint() throws { state.withLock { $0.checkpoints += 1 } }
}

/// Page views `from...through`; `id` of a seq may repeat an earlier one's.
func pageViews(
    _ seqs: ClosedRange<UInt64>, batchLines: Int = 10, type: String = "page_view",
    id: (UInt64) -> String = { "e\($0)" }
) -> [Batch] {
    var text = ""
    for seq in seqs {
        text +=
            #"{"seq":\#(seq),"received":"2026-11-21T12:00:00.000Z","via":"tcp","id":"\#(id(seq))","site":"shop","type":"\#(type)","customer":"k\#(seq % 3)","order":"o","amount":1,"currency":"EUR"}"#
            + "\n"
    }
    return EventLines().batches(Array(text.utf8)) { $0 == batchLines }
}
