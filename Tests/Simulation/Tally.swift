import TestSupport

/// What simulations went through, to be added up.
package struct Tally: Sendable {
    package var seeds = 0
    package var lives = 0
    package var events = 0
    package var acknowledged = 0
    package var retired = 0
    package var calls = 0
    package var endings: [String: Int] = [:]
    package var faults: [String: Int] = [:]

    package init() {}

    package static func += (a: inout Tally, b: Tally) {
        a.seeds += b.seeds
        a.lives += b.lives
        a.events += b.events
        a.acknowledged += b.acknowledged
        a.retired += b.retired
        a.calls += b.calls
        a.endings.merge(b.endings, uniquingKeysWith: +)
        a.faults.merge(b.faults, uniquingKeysWith: +)
    }

    /// A line for each number, to be read and to be added up by a script.
    package var text: String {
        var lines = [
            "seeds \(seeds)", "lives \(lives)", "events \(events)",
            "acknowledged \(acknowledged)", "retired \(retired)", "calls \(calls)",
        ]
        lines += endings.sorted { $0.key < $1.key }.map { "ending-\($0.key) \($0.value)" }
        lines += faults.sorted { $0.key < $1.key }.map { "fault-\($0.key) \($0.value)" }
        return lines.joined(separator: "\n")
    }
}
