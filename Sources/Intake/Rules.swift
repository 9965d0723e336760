package import Admission
package import Senders

/// What senders are held to: who may write what, and how much. Never changed, only replaced as a
/// whole: each lane takes new ones on its own loop, between two lines or requests, without a lock.
package final class Rules: Sendable {
    package let sites: SiteBook
    package let proxies: Proxies
    package let limits: IntakeLimits
    package let links: LinkDesk
    /// By what machines are known; nil: lines are judged by their request alone.
    package let machines: MachineWatch?
    /// Names for browsers that keep none; nil: they stay nameless.
    package let visitors: (any VisitorNaming)?
    /// What this machine may write to without a key: asked for each datagram.
    let openGrant: Grant?

    package init(
        sites: SiteBook, proxies: Proxies = Proxies(), limits: IntakeLimits,
        links: LinkDesk = LinkDesk(), machines: MachineWatch? = nil,
        visitors: (any VisitorNaming)? = nil
    ) {
        self.sites = sites
        self.proxies = proxies
        self.limits = limits
        self.links = links
        self.machines = machines
        self.visitors = visitors
        openGrant = sites.grant(key: [UInt8](), fromLoopback: true)
    }
}
