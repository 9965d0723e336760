import Admission
import Dialects
import Engagement
import NIOCore
import Senders

/// A request as the routes see it: head, body, and what the head says of the sender. Shared, as a copy
/// of all its parts costs more than the object.
final class Request {
    let head: RequestHead
    let place: Place
    var body = ByteBuffer()
    let requester: Requester

    init(head: RequestHead, client: Client) {
        self.head = head
        place = head.withPath(Place.init)
        requester = Requester(head: head, place: place, client: client)
    }

    /// `Authorization: Bearer KEY`, `X-Engaged-Key: KEY`, at the end of the path, or `?key=KEY`.
    var key: [UInt8] {
        if let key = keyBesideQuery { return key }
        return head.withQuery { query in
            query.split(separator: UInt8(ascii: "&")).first { $0.starts(with: "key=".utf8) }
                .map { formDecoded($0.dropFirst(4)) } ?? []
        }
    }

    /// The same, where the query has been looked through already.
    var keyBesideQuery: [UInt8]? {
        if let given = head.first(.engagedKey) { return Array(given.utf8) }
        if let given = head.first(.authorization),
            given.lowercased().hasPrefix("bearer ")
        {
            return Array(given.dropFirst(7).utf8)
        }
        if case .site(let path) = place, !path.key.isEmpty { return path.key }
        return nil
    }

    private static let longestForm = 64 << 10

    var origin: String? { head.first(.origin) }
    var referrer: String? { head.first(.referer) }
    var isPing: Bool { head.first(.contentType) == "text/ping" }

    /// The posted form; nil: the body isn't one, or is longer than a page's.
    var form: Form? {
        guard body.readableBytes <= Self.longestForm else { return nil }
        return Form(
            body: Array(body.readableBytesView),
            contentType: head.first(.contentType))
    }

    func door(key: [UInt8], sites: SiteBook, agents: inout AgentTable) -> Door {
        // A browser doesn't tell an image's origin, but of which page it is.
        let grant = sites.grant(
            key: key, page: origin ?? referrer.flatMap(PageAddress.origin(of:)),
            fromLoopback: requester.isHere, inBrowser: requester.isInBrowser)
        let (machine, sender) = requester.judged(with: grant, &agents)
        return Door(
            via: .http, grant: grant, origin: origin,
            refusesTracking: head.first(.secGPC) == "1"
                || head.first(.dnt) == "1",
            machine: machine, sender: sender)
    }
}
