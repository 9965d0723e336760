package import Engagement

/// What is known of a line's sender before the line is read: the same for a whole connection,
/// datagram or request.
package struct Door {
    package var via: Batch.Via
    /// nil: the key was unknown, or none was given where one is needed.
    package var grant: Grant?
    /// What lines are counted by that don't say which site they are for.
    package var siteNumber: Int { grant?.number ?? SiteNumbers.none }
    /// The page's origin, when a browser told it.
    package var origin: String?
    /// The browser sent Sec-GPC or DNT: identity isn't wanted.
    package var refusesTracking: Bool
    /// What shows a machine in the request itself.
    package var machine: MachineReason?
    /// Of HTTP only.
    package var sender: Sender?

    package init(
        via: Batch.Via, grant: Grant?, origin: String? = nil, refusesTracking: Bool = false,
        machine: MachineReason? = nil, sender: Sender? = nil
    ) {
        self.via = via
        self.grant = grant
        self.origin = origin
        self.refusesTracking = refusesTracking
        self.machine = machine
        self.sender = sender
    }

    /// For lines and datagrams, which don't tell what program sends them.
    ///
    /// What stands in a page is for browsers, and none speaks so: it is judged as a beacon that keeps
    /// its agent to itself.
    package mutating func open(with grant: Grant?, fromLoopback: Bool) {
        self.grant = grant
        machine = grant?.isForPages == true && !fromLoopback ? .noAgent : nil
    }
}
