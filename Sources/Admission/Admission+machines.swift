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
        let judged = machineGate.judge(
            slots, grant: grant, site: site, door: door, claimed: claimed, isNamed: isNamed)
        if scan.saw(Field.actor.rawValue) || scan.saw(Field.actorReason.rawValue) {
            tally(told: slots)
            return nil
        }
        if let judged, let agent = judged.agent { machines.add(agent, judged) }
        return judged
    }

    private func tally(told slots: FieldSlots) {
        guard slots.type.isBehaviour, let text = slots.text(.actor),
            let agent = AgentClass(rawValue: String(decoding: text, as: UTF8.self)), agent != .human
        else { return }
        machines.add(agent, .told)
    }

    /// A day's name for a browser that sent none, if the line is of the kind that browsers send.
    func visitorName(
        _ scan: Scan, _ slots: FieldSlots, _ site: [UInt8], _ door: borrowing Door
    ) -> [UInt8]? {
        guard let visitors, let sender = door.sender, sender.isBeacon, !door.refusesTracking,
            slots.type.isAnonymousVisit, !slots.has(.customer),
            !scan.saw(Field.visitor.rawValue), let network = sender.network
        else { return nil }
        return visitors.name(site: site, network: network, agent: sender.agent)
    }
}
