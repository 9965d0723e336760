import ByteScan
import Engagement

// Who acted, and who is who: what the door adds to a line of its own.

extension Admission {
    /// The reason to put in front of the line. A line that says itself who acted, be it nothing,
    /// keeps what it says: a key stands once.
    @inline(__always)
    func mark(
        _ scan: Scan, _ slots: FieldSlots, _ grant: Grant, _ site: Int,
        _ door: borrowing Door, _ claimed: Int64, isNamed: Bool
    ) -> MachineReason? {
        let judged =
            MachineGate.concerns(slots, door)
            ? judge(slots, grant, site, door, claimed, isNamed: isNamed) : nil
        if scan.saw(.actor) || scan.saw(.actorReason) {
            tally(told: slots)
            return nil
        }
        if let judged, let agent = judged.agent { machines.add(agent, judged) }
        return judged
    }

    @inline(never)
    private func judge(
        _ slots: FieldSlots, _ grant: Grant, _ site: Int, _ door: borrowing Door,
        _ claimed: Int64, isNamed: Bool
    ) -> MachineReason? {
        machineGate.judge(
            slots, site: grant.sites[site], door: door, claimed: claimed, isNamed: isNamed)
    }

    @inline(never)
    private func tally(told slots: FieldSlots) {
        guard slots.type.isBehaviour, let text = slots.text(.actor),
            let agent = AgentClass(rawValue: String(decoding: text, as: UTF8.self)), agent != .human
        else { return }
        machines.add(agent, .told)
    }

    /// A day's name for a browser that sent none, if the line is of the kind that browsers send.
    @inline(never)
    func visitorName(
        _ scan: Scan, _ slots: FieldSlots, _ grant: Grant, _ site: Int, _ door: borrowing Door
    ) -> [UInt8]? {
        guard grant.namesVisitors[site], let visitors, let sender = door.sender, sender.isBeacon,
            !door.refusesTracking,
            slots.type.isAnonymousVisit, !slots.has(.customer),
            !scan.saw(.visitor), let network = sender.network
        else { return nil }
        return visitors.name(site: grant.sites[site], network: network, agent: sender.agent)
    }
}
