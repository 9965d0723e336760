import Engagement

/// Admitted lines of a lane by site and type, until they are added to the counters.
///
/// A handle to heap memory that the gates give back: a value within a class would cost an exclusivity
/// check for every line.
package struct SiteTally {
    private static let types = EventType.allCases.count

    private struct State {
        /// Number of the site of the line at hand.
        var site = SiteNumbers.none
        var counts: UnsafeMutablePointer<Int>
        var capacity: Int
        /// Places in `counts` that aren't 0; as much room as there.
        var touched: UnsafeMutablePointer<Int>
        var touchedCount = 0
    }

    private let state: UnsafeMutablePointer<State>

    init() {
        let capacity = 8 * Self.types
        state = .allocate(capacity: 1)
        state.initialize(
            to: State(
                counts: .allocate(capacity: capacity), capacity: capacity,
                touched: .allocate(capacity: capacity)))
        state.pointee.counts.initialize(repeating: 0, count: capacity)
    }

    func deallocate() {
        state.pointee.counts.deallocate()
        state.pointee.touched.deallocate()
        state.deallocate()
    }

    /// Number of the last line's site, also of one that was refused, as far as it was known.
    package var site: Int { state.pointee.site }

    @inline(__always)
    func enter(_ site: Int) { state.pointee.site = site }

    /// Counts a line of the site that was entered.
    @inline(__always)
    func add(_ type: EventType) {
        let place = state.pointee.site &* Self.types &+ Int(type.rawValue)
        if place >= state.pointee.capacity { grow(beyond: place) }
        if state.pointee.counts[place] == 0 {
            state.pointee.touched[state.pointee.touchedCount] = place
            state.pointee.touchedCount &+= 1
        }
        state.pointee.counts[place] &+= 1
    }

    /// Gives what was added since the last time, by the site's number and the type's position.
    package func drain(_ body: (_ site: Int, _ type: Int, _ count: Int) -> Void) {
        for i in 0..<state.pointee.touchedCount {
            let place = state.pointee.touched[i]
            body(place / Self.types, place % Self.types, state.pointee.counts[place])
            state.pointee.counts[place] = 0
        }
        state.pointee.touchedCount = 0
    }

    /// For a site that hasn't been met: hardly ever.
    @inline(never)
    private func grow(beyond place: Int) {
        let old = state.pointee
        let capacity = max(2 * old.capacity, place + Self.types)
        state.pointee.capacity = capacity
        state.pointee.counts = .allocate(capacity: capacity)
        state.pointee.counts.initialize(repeating: 0, count: capacity)
        state.pointee.counts.update(from: old.counts, count: old.capacity)
        state.pointee.touched = .allocate(capacity: capacity)
        state.pointee.touched.update(from: old.touched, count: old.touchedCount)
        old.counts.deallocate()
        old.touched.deallocate()
    }
}
