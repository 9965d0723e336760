import Synchronization

/// Numbers for the names of sites, so that counting by site is an addition at a place.
///
/// A name that is configured once keeps its number as long as the process lives, through every reload.
/// One for the whole process: what counts and what shows the counts needn't be introduced to each other
/// again whenever the sites change. Only configured names come here, and beyond a bound they share one.
package final class SiteNumbers: Sendable {
    package static let shared = SiteNumbers()

    /// The number of lines whose site isn't known, or that are meant for none.
    package static let none = 0
    /// The number that names beyond the bound share.
    package static let others = 1
    package static let most = 1_000

    private struct State {
        var names = ["(none)", "(other)"]
        var numbers: [String: Int] = [:]
    }
    private let state = Mutex(State())

    package init() {}

    /// The name's number, a new one where it has none.
    func number(_ name: String) -> Int {
        state.withLock { state in
            if let known = state.numbers[name] { return known }
            guard state.names.count < Self.most else { return Self.others }
            state.numbers[name] = state.names.count
            state.names.append(name)
            return state.names.count - 1
        }
    }

    /// Each at the place of its number. The first two can't be names of sites.
    package var names: [String] { state.withLock(\.names) }
}
