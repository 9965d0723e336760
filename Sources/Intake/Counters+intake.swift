import Admission
import Engagement
import Links
package import Telemetry

extension Counters {
    /// Counters with every type, reason and machine that intake tells apart.
    ///
    /// - Parameters: as for the ones that are given all names.
    package convenience init(
        siteNames: @escaping @Sendable () -> [String] = { [] },
        build: [(name: String, value: String)] = []
    ) {
        self.init(
            types: EventType.names, reasons: Reason.allCases.map(\.code),
            linkReasons: LinkRefusal.allCases.map(\.code),
            machines: (AgentClass.allCases.map(\.rawValue), MachineReason.allCases.map(\.code)),
            siteNames: siteNames, build: build)
    }
}
