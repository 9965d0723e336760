/// What the fold knows of each subject named since the subjects' table was last reset.
///
/// Parallel to the interner of subjects: entry i belongs to id i.
package struct SubjectStates {
    package struct State {
        /// Row numbers in the current delta, or -1; day and channel remember the last one met.
        package var total: Int32 = -1
        var day: Int32 = -1
        var channel: Int32 = -1
        package var flags: Flags = []
        /// Newest entry of the trace.
        package var trace = TraceEntry()
    }

    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Tracking is withdrawn.
        package static let off = Flags(rawValue: 1)
        /// Purged within this delta: its rows are not to be written.
        package static let dead = Flags(rawValue: 2)
        /// Some row of the current delta names it.
        package static let inDelta = Flags(rawValue: 4)
        /// `off` was looked up.
        static let known = Flags(rawValue: 8)
    }

    struct Storage {
        var states: UnsafeMutablePointer<State>
        var capacity: Int
        var touched: UnsafeMutablePointer<Int32>
        var touchedCapacity: Int
        var touchedCount: Int
    }

    let storage: UnsafeMutablePointer<Storage>
    /// Where a state keeps its newest trace entry.
    @inline(__always)
    static var traceOffset: Int { MemoryLayout<State>.offset(of: \State.trace) ?? 0 }

    init() {
        storage = .allocate(capacity: 1)
        storage.initialize(
            to: Storage(
                states: .allocate(capacity: 64), capacity: 64, touched: .allocate(capacity: 64),
                touchedCapacity: 64, touchedCount: 0))
        storage.pointee.states.initialize(repeating: State(), count: 64)
    }

    func deallocate() {
        storage.pointee.states.deallocate()
        storage.pointee.touched.deallocate()
        storage.deallocate()
    }

    @inline(__always)
    subscript(_ id: Int32) -> UnsafeMutablePointer<State> {
        if Int(id) >= storage.pointee.capacity { grow(Int(id)) }
        return storage.pointee.states + Int(id)
    }

    package func isDead(_ id: Int32) -> Bool { self[id].pointee.flags.contains(.dead) }
    package func state(_ id: Int32) -> State { self[id].pointee }

    @inline(__always)
    func touch(_ id: Int32, _ state: UnsafeMutablePointer<State>) {
        guard !state.pointee.flags.contains(.inDelta) else { return }
        state.pointee.flags.insert(.inDelta)
        let s = storage
        if s.pointee.touchedCount == s.pointee.touchedCapacity {
            let grown = UnsafeMutablePointer<Int32>.allocate(
                capacity: 2 * s.pointee.touchedCapacity)
            grown.moveInitialize(from: s.pointee.touched, count: s.pointee.touchedCount)
            s.pointee.touched.deallocate()
            s.pointee.touched = grown
            s.pointee.touchedCapacity *= 2
        }
        s.pointee.touched[s.pointee.touchedCount] = id
        s.pointee.touchedCount &+= 1
    }

    /// After a flush: what is known of tracking stays, row numbers go.
    func clear() {
        let s = storage
        for i in 0..<s.pointee.touchedCount {
            let state = s.pointee.states + Int(s.pointee.touched[i])
            let flags = state.pointee.flags.intersection([.off, .known, .dead])
            state.pointee = State(flags: flags)
        }
        s.pointee.touchedCount = 0
    }

    /// After the subjects' table was emptied.
    func reset() {
        clear()
        let s = storage
        s.pointee.states.deallocate()
        s.pointee.states = .allocate(capacity: 64)
        s.pointee.states.initialize(repeating: State(), count: 64)
        s.pointee.capacity = 64
    }

    private func grow(_ id: Int) {
        let s = storage
        let capacity = Swift.max(2 * s.pointee.capacity, id + 1)
        let grown = UnsafeMutablePointer<State>.allocate(capacity: capacity)
        grown.moveInitialize(from: s.pointee.states, count: s.pointee.capacity)
        (grown + s.pointee.capacity).initialize(
            repeating: State(), count: capacity - s.pointee.capacity)
        s.pointee.states.deallocate()
        s.pointee.states = grown
        s.pointee.capacity = capacity
    }
}
