import Admission
import NIOHTTP1
import Senders

/// Who makes a request, as far as its head and its connection show.
struct Requester {
    /// From this machine, by itself: may write to open sites.
    let isHere: Bool
    let machine: MachineReason?
    let sender: Sender

    init(head: HTTPRequestHead, place: Place, client: Client, agents: inout AgentTable) {
        let headers = head.headers
        let agent = headers.first(name: "user-agent") ?? ""
        // Servers send to /v1/events; pages that do say where they come from.
        var isBeacon = true
        if case .site(let path) = place, path.endpoint == .events {
            isBeacon = headers.contains(name: "origin")
        }
        isHere = client.isHere
        sender = Sender(
            network: client.address.flatMap { $0.isPublic ? $0.truncated : nil }, agent: agent,
            isBeacon: isBeacon)
        machine = RequestSigns(
            agent: agent,
            // What a script posts is its own doing, and no prefetch: Chromium marks also what a
            // prerendered page sends in the moment in which it is shown.
            purposes: head.method == .POST
                ? [] : ["sec-purpose", "purpose", "x-purpose", "x-moz"].flatMap { headers[$0] },
            isHead: head.method == .HEAD, isBeacon: isBeacon, isHere: client.isHere
        ).verdict(&agents)
    }
}
