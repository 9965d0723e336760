import Admission
import Senders

/// Who makes a request, as far as its head and its connection show.
struct Requester {
    /// From this machine, by itself: may write to open sites.
    let isHere: Bool
    /// A page in a browser on this machine may have made it.
    let isInBrowser: Bool
    private let network: Address?
    private let signs: RequestSigns

    private static let purposes: [HeaderName] = [.secPurpose, .purpose, .xPurpose, .xMoz]
    private static let purposeNames = HeaderSet(purposes)

    init(head: RequestHead, place: Place, client: Client) {
        let agent = head.first(.userAgent) ?? ""
        // Servers send to /v1/events; pages that do say where they come from.
        var isBeacon = true
        if case .site(let path) = place, path.endpoint == .events {
            isBeacon = head.contains(.origin)
        }
        isHere = client.isHere
        isInBrowser = isHere && head.mayBeOfPage
        network = client.address.flatMap { $0.isPublic ? $0.truncated : nil }
        signs = RequestSigns(
            agent: agent,
            // What a script posts is its own doing, and no prefetch: Chromium marks also what a
            // prerendered page sends in the moment in which it is shown.
            purposes: head.method == .POST || !head.meets(Self.purposeNames)
                ? [] : Self.purposes.flatMap(head.values),
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
