import Admission
import NIOHTTP1
import Senders

/// Who makes a request, as far as its head and its connection show.
struct Requester {
    /// From this machine, by itself: may write to open sites.
    let isHere: Bool
    /// A page in a browser on this machine may have made it.
    let isInBrowser: Bool
    private let network: Address?
    private let signs: RequestSigns

    init(head: HTTPRequestHead, place: Place, client: Client) {
        let headers = head.headers
        let agent = headers.first(name: "user-agent") ?? ""
        // Servers send to /v1/events; pages that do say where they come from.
        var isBeacon = true
        if case .site(let path) = place, path.endpoint == .events {
            isBeacon = headers.contains(name: "origin")
        }
        isHere = client.isHere
        isInBrowser = isHere && head.mayBeOfPage
        network = client.address.flatMap { $0.isPublic ? $0.truncated : nil }
        signs = RequestSigns(
            agent: agent,
            // What a script posts is its own doing, and no prefetch: Chromium marks also what a
            // prerendered page sends in the moment in which it is shown.
            purposes: head.method == .POST
                ? [] : ["sec-purpose", "purpose", "x-purpose", "x-moz"].flatMap { headers[$0] },
            isHead: head.method == .HEAD, isBeacon: isBeacon, isHere: client.isHere)
    }

    /// Who comes with what stands in a page is no server that tells of others.
    func judged(with grant: Grant?, _ agents: inout AgentTable) -> (MachineReason?, Sender) {
        var signs = signs
        signs.isBeacon = signs.isBeacon || grant?.isForPages == true
        let sender = Sender(network: network, agent: signs.agent, isBeacon: signs.isBeacon)
        return (signs.verdict(&agents), sender)
    }
}
