/// What was folded since the last flush: rows to merge into the ledger, in one transaction with
/// the progress that says how far they go.
///
/// Texts and subjects are ids of two interners that outlive a flush. A subject purged within the
/// delta is marked dead and gets a new id, so that its rows before and after the purge stay apart
/// and no flush is forced: dead rows aren't written, and what outlives the subject (orders, cases)
/// names nobody.
package final class Delta {
    /// NULL in a value column.
    package static let null = Int64.min
    /// The subject of rows held for nobody.
    package static let nobody: Int64 = -1

    package let rooms: DeltaRooms
    package let tables: [DeltaTable]

    /// A change of the suppression list, in seq order.
    package struct Control {
        package enum State: Sendable { case on, off, forgotten }
        package let subject: Int32
        package let state: State
        package let seq: UInt64
    }

    package internal(set) var controls: [Control] = []
    /// Subjects whose stored rows go, before anything else of this delta is written.
    package internal(set) var purges: [Int32] = []
    /// Seqs of lines that were dropped because their (site, id) had been kept, as ranges.
    package internal(set) var dropped: [ClosedRange<UInt64>] = []
    /// Repetitions of a `forget`: the line names a subject and counts nowhere.
    package internal(set) var repeatedForgets: [(subject: [UInt8], seq: UInt64)] = []
    package var progress: Progress { rooms.counts.pointee.progress }
    package var words: Interner { rooms.words }
    package var subjects: Interner { rooms.subjects }

    package init(key: HashKey) {
        rooms = DeltaRooms(key: key)
        tables = rooms.tables
        Word.intern(into: rooms.words)
    }

    deinit { rooms.deallocate() }

    /// The shape of every table a delta can hold.
    package static let shapes: [TableShape] = Delta(key: HashKey(a: 0, b: 0)).tables.map(\.shape)

    /// Nothing folded, not even a line that counts nowhere.
    package var isEmpty: Bool { rooms.counts.pointee.progress.lastSeq == 0 }

    /// Somebody granted or withdrew a permission, or asked to be forgotten.
    package var hasAnswers: Bool {
        !controls.isEmpty || rooms.permissionHistory.rows.count > 0
    }

    /// Rows of the ledger's tables that it adds to.
    package var rowCount: Int { tables.reduce(0) { $0 + $1.rows.count } }

    /// Memory that the delta's rows take.
    package var byteCount: Int {
        tables.reduce(rooms.trace.count * MemoryLayout<TraceEntry>.stride) {
            $0 + $1.rows.byteCount
        }
    }

    /// Notes a line dropped as a duplicate by (site, id).
    package func drop(seq: UInt64) {
        rooms.counts.pointee.progress.duplicates &+= 1
        if let last = dropped.last, last.upperBound &+ 1 == seq {
            dropped[dropped.count - 1] = last.lowerBound...seq
        } else {
            dropped.append(seq...seq)
        }
    }

    /// Empties the delta after a flush. Interned texts stay while they are few: above the bounds
    /// they go too, so that memory follows what is active, not what was ever seen.
    package func clear() {
        for table in tables { table.rows.clear() }
        rooms.trace.clear()
        rooms.states.clear()
        controls.removeAll(keepingCapacity: true)
        purges.removeAll(keepingCapacity: true)
        repeatedForgets.removeAll()
        dropped.removeAll(keepingCapacity: true)
        rooms.counts.pointee.progress = Progress()
        rooms.counts.pointee.flushes &+= 1
        if words.count > Self.wordBound || words.byteCount > Self.byteBound {
            words.reset()
            Word.intern(into: words)
            wordGeneration &+= 1
        }
        if subjects.count > Self.subjectBound || subjects.byteCount > Self.byteBound {
            subjects.reset()
            rooms.states.reset()
        }
    }

    /// Counts the resets of `words`: an id kept from before one means nothing.
    var wordGeneration = 0

    static let wordBound = 400_000
    static let subjectBound = 500_000
    static let byteBound = 32 << 20
}

/// How far the ledger is, and what it counted on the way.
package struct Progress: Equatable, Sendable {
    /// Highest seq folded; 0: none.
    package var lastSeq: UInt64 = 0
    package var lastReceivedMilliseconds: Int64 = .min
    /// Lines folded.
    package var applied: Int64 = 0
    /// Lines dropped by (site, id) or by natural key.
    package var duplicates: Int64 = 0
    /// Human lines naming someone, counted without a person.
    package var anonymised: Int64 = 0

    package init() {}
}
