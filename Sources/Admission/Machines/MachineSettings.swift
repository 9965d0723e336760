/// From when on what somebody does is taken for a machine's. Source: schemas/settings.md, "Machines".
package struct MachineSettings: Equatable, Sendable {
    /// A click that follows the mail's delivery within so many seconds; 0 asks nothing.
    package var deliverySeconds = 5
    /// So many different links of one mail …
    package var links = 3
    /// … within so many seconds; 0 links ask nothing.
    package var linksSeconds = 5
    /// How long a hidden link taken speaks against its recipient's other clicks; 0: not at all.
    package var honeypotSeconds = 60
    /// So many beacons of one network …
    package var burstEvents = 1_000
    /// … within so many seconds; 0 events ask nothing.
    package var burstSeconds = 10

    /// Whether clicks that a server reports are judged by delivery, number and hidden links, too.
    package var judgesServers = false

    package init() {}

    /// The name of a link that a newsletter hides from people: only a machine follows it.
    package static let honeypotLink: StaticString = "honeypot"
}
