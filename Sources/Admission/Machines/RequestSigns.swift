/// What a request's head shows of who made it. Source: the headers' specifications, named below.
package struct RequestSigns {
    package var agent: String
    /// `Sec-Purpose` (fetch.spec.whatwg.org), and what browsers said before it: `Purpose`,
    /// `X-Purpose`, `X-Moz`.
    package var purposes: [String]
    package var isHead: Bool
    package var isBeacon: Bool
    /// Sent from this machine, by itself.
    package var isHere: Bool

    package init(
        agent: String, purposes: [String], isHead: Bool, isBeacon: Bool, isHere: Bool
    ) {
        self.agent = agent
        self.purposes = purposes
        self.isHead = isHead
        self.isBeacon = isBeacon
        self.isHere = isHere
    }

    /// nil: a person's browser, as far as one can see.
    package func verdict(_ agents: inout AgentTable) -> MachineReason? {
        let isEarly = purposes.contains { purpose in
            let purpose = purpose.lowercased()
            return ["prefetch", "prerender", "preview"].contains { purpose.contains($0) }
        }
        if isEarly { return .prefetch }
        let verdict = agents.verdict(agent)
        switch verdict {
        // Servers send what people did, by tools like these; beacons come from people's
        // own programs. At this machine one tries things out.
        case .httpLibrary, .noAgent: if isBeacon, !isHere { return verdict }
        case .appleMPP: if isBeacon { return verdict }
        case let reason?: return reason
        case nil: break
        }
        return isHead ? .head : nil
    }
}
