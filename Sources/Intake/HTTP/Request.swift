import Admission
import Dialects
import Engagement
import NIOCore
import NIOHTTP1
import Senders

/// A request as the routes see it: head, body, and what the head says of the sender.
struct Request {
    let head: HTTPRequestHead
    let place: Place
    /// The bytes behind the `?`.
    let query: Substring.UTF8View
    var body = ByteBuffer()
    let requester: Requester

    init(head: HTTPRequestHead, client: Client) {
        self.head = head
        let mark = head.uri.utf8.firstIndex(of: UInt8(ascii: "?"))
        place = Place(head.uri[..<(mark ?? head.uri.endIndex)])
        query = mark.map { head.uri[$0...].utf8.dropFirst() } ?? ""[...].utf8
        requester = Requester(head: head, place: place, client: client)
    }

    /// `Authorization: Bearer KEY`, `X-Engaged-Key: KEY`, at the end of the path, or `?key=KEY`.
    var key: [UInt8] {
        if let key = keyBesideQuery { return key }
        for pair in query.split(separator: UInt8(ascii: "&")) where pair.starts(with: "key=".utf8) {
            return Array(pair.dropFirst(4))
        }
        return []
    }

    /// The same, where the query has been looked through already.
    var keyBesideQuery: [UInt8]? {
        if let given = head.headers.first(name: "x-engaged-key") { return Array(given.utf8) }
        if let given = head.headers.first(name: "authorization"),
            given.lowercased().hasPrefix("bearer ")
        {
            return Array(given.dropFirst(7).utf8)
        }
        if case .site(let path) = place, !path.key.isEmpty { return path.key }
        return nil
    }

    private static let longestForm = 64 << 10

    var origin: String? { head.headers.first(name: "origin") }
    var referrer: String? { head.headers.first(name: "referer") }
    var isPing: Bool { head.headers.first(name: "content-type") == "text/ping" }

    /// The posted form; nil: the body isn't one, or is longer than a page's.
    var form: Form? {
        guard body.readableBytes <= Self.longestForm else { return nil }
        return Form(
            body: Array(body.readableBytesView),
            contentType: head.headers.first(name: "content-type"))
    }

    func door(key: [UInt8], sites: SiteBook, agents: inout AgentTable) -> Door {
        let headers = head.headers
        // A browser doesn't tell an image's origin, but of which page it is.
        let grant = sites.grant(
            key: key, page: origin ?? referrer.flatMap(PageAddress.origin(of:)),
            fromLoopback: requester.isHere, inBrowser: requester.isInBrowser)
        let (machine, sender) = requester.judged(with: grant, &agents)
        return Door(
            via: .http, grant: grant, origin: origin,
            refusesTracking: headers.first(name: "sec-gpc") == "1"
                || headers.first(name: "dnt") == "1",
            machine: machine, sender: sender)
    }
}

/// What goes back.
struct Answer {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders = [:]
    var body = ByteBuffer()
    /// Said instead where there is no memory for a long body.
    var brief: ByteBuffer?

    static func json(_ status: HTTPResponseStatus, _ text: String) -> Answer {
        Answer(
            status: status, headers: ["content-type": "application/json"],
            body: ByteBuffer(string: text + "\n"))
    }

    static func error(_ status: HTTPResponseStatus, _ code: String, _ detail: String) -> Answer {
        json(status, "{\"error\":\"\(code)\",\"detail\":\"\(detail)\"}")
    }

    /// Come back later: nothing was taken.
    static func busy(_ reason: Reason) -> Answer {
        var answer = error(.serviceUnavailable, reason.code, "nothing was taken: send it again")
        answer.headers.add(name: "retry-after", value: "1")
        return answer
    }

    /// More than the key may send: nothing was taken.
    static func limited(seconds: Int) -> Answer {
        var answer = error(
            .tooManyRequests, Reason.rateLimited.code,
            "the key may send fewer events; nothing was taken: send it again")
        answer.headers.add(name: "retry-after", value: "\(seconds)")
        return answer
    }

    static let notFound = error(.notFound, "not_found", "no such path")

    static func notAllowed(_ methods: String) -> Answer {
        var answer = error(.methodNotAllowed, "method_not_allowed", "this path takes \(methods)")
        answer.headers.add(name: "allow", value: methods)
        return answer
    }

    /// The smallest transparent GIF89a that every client draws: 43 bytes.
    static let pixel = Answer(
        status: .ok,
        headers: [
            "content-type": "image/gif",
            "cache-control": "no-store, no-cache, must-revalidate, private",
        ],
        body: ByteBuffer(bytes: [
            0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00,
            0x00, 0x00, 0xff, 0xff, 0xff, 0x21, 0xf9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2c,
            0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00,
            0x3b,
        ]))
}
