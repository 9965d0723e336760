/// From when on what somebody does is taken for a machine's; 0 asks nothing.
package struct MachineOptions: Sendable, Equatable {
    /// A click so soon after its mail was sent or delivered.
    package var deliverySeconds = 5
    /// So many different links of one mail …
    package var links = 3
    /// … within so many seconds.
    package var linksSeconds = 5
    /// How long a hidden link that was taken speaks against its recipient's other clicks.
    package var honeypotSeconds = 60
    /// So many beacons of one network …
    package var burstEvents = 1_000
    /// … within so many seconds.
    package var burstSeconds = 10

    /// Whether clicks that a server reports are judged by the four before the burst, too.
    package var servers = false

    package init() {}
}
