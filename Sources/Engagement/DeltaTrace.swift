/// Where each subject's lines were counted, so that a withdrawal can say of them "anonymised".
///
/// `site_day.anonymised` counts human lines that name someone but are held for nobody. A line
/// stored for a subject becomes one when the subject goes, long after it was folded, and no
/// counter of the ledger tells on which (site, day, type) it stood: the trace does. One chain of
/// entries per subject and flush; a run of like lines is one entry.
package struct TraceEntry {
    /// Index of the subject's next older entry, or -1.
    package var previous: Int32 = -1
    /// 0: no entry.
    package var count: UInt32 = 0
    package var site: Int32 = 0
    package var day: Int32 = 0
    package var type: UInt8 = 0
}

package struct Trace {
    package struct State {
        package var entries: UnsafeMutablePointer<TraceEntry>
        var capacity: Int
        var count: Int
    }

    package let state: UnsafeMutablePointer<State>

    init() {
        state = .allocate(capacity: 1)
        state.initialize(to: State(entries: .allocate(capacity: 64), capacity: 64, count: 0))
    }

    func deallocate() {
        state.pointee.entries.deallocate()
        state.deallocate()
    }

    package var count: Int { state.pointee.count }

    /// Counts a line; `newest` is the subject's newest entry, which it keeps itself.
    @inline(__always)
    func add(_ newest: UnsafeMutablePointer<TraceEntry>, site: Int32, day: Int32, type: UInt8) {
        if newest.pointee.count != 0 {
            if newest.pointee.day == day, newest.pointee.type == type, newest.pointee.site == site {
                newest.pointee.count &+= 1
                return
            }
            let s = state
            if s.pointee.count == s.pointee.capacity { grow() }
            s.pointee.entries[s.pointee.count] = newest.pointee
            newest.pointee.previous = Int32(truncatingIfNeeded: s.pointee.count)
            s.pointee.count &+= 1
        }
        newest.pointee.count = 1
        newest.pointee.site = site
        newest.pointee.day = day
        newest.pointee.type = type
    }

    /// Every entry of a subject, from its newest on.
    @inlinable @inline(__always)
    package func each<E: Error>(_ newest: TraceEntry, _ body: (TraceEntry) throws(E) -> Void)
        throws(E)
    {
        guard newest.count > 0 else { return }
        var entry = newest
        while true {
            try body(entry)
            if entry.previous < 0 { return }
            entry = state.pointee.entries[Int(entry.previous)]
        }
    }

    func clear() { state.pointee.count = 0 }

    private func grow() {
        let s = state
        let grown = UnsafeMutablePointer<TraceEntry>.allocate(capacity: 2 * s.pointee.capacity)
        grown.moveInitialize(from: s.pointee.entries, count: s.pointee.count)
        s.pointee.entries.deallocate()
        s.pointee.entries = grown
        s.pointee.capacity *= 2
    }
}
