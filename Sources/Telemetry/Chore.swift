/// What the daemon does for its files while it runs, as counted. Raw values index the series.
package enum Chore: Int, CaseIterable, Sendable {
    case erasure, snapshot, retention, scrub, summary, recompaction

    package var name: String { "\(self)" }
    package static let names = allCases.map(\.name)
}
