/// The doors an event can come through, as counted. Raw values index the counters' series.
package enum Transport: Int, CaseIterable, Sendable {
    case udp, tcp, http

    package var name: String { "\(self)" }
    package static let names = allCases.map(\.name)
}
