import NIOHTTP1

/// What lets a page of another origin send, and see what became of it. Source: the Fetch standard,
/// "CORS protocol" and "Cross-Origin-Resource-Policy".
///
/// Any origin may read the answer, which tells of nobody: a page that may not write to the site gets its
/// lines refused and counted (`forbidden_origin`), and learns so. Were the answer hidden from it, it
/// would take the refusal for a broken network and send again.
extension HTTPHeaders {
    mutating func addCrossOrigin(for request: Request) {
        guard case .site = request.place else { return }
        let head = request.head
        if !contains(name: "cache-control") { add(name: "cache-control", value: "no-store") }
        add(name: "cross-origin-resource-policy", value: "cross-origin")
        guard let origin = head.headers.first(name: "origin"),
            origin.utf8.count <= HTTPRequestHead.mostClaimed,
            !contains(name: "access-control-allow-origin")
        else { return }
        add(name: "access-control-allow-origin", value: origin)
        add(name: "access-control-expose-headers", value: "Retry-After")
        add(name: "vary", value: "Origin")
        if head.carriesCredentials {
            add(name: "access-control-allow-credentials", value: "true")
        }
    }
}

extension HTTPRequestHead {
    /// Nothing longer is repeated in an answer, which stands in memory until it is read. A host has at
    /// most 253 characters.
    fileprivate static let mostClaimed = 300

    /// Cookies mean nothing here, but a page whose request carries some may read the answer only with
    /// leave. A preflight can't say whether any will follow.
    fileprivate var carriesCredentials: Bool {
        method == .OPTIONS
            || ["cookie", "authorization", "sec-fetch-storage-access"].contains(
                where: headers.contains(name:))
    }
}

extension Answer {
    /// The answer to a preflight, but for what `addCrossOrigin` adds.
    static func preflight(_ head: HTTPRequestHead, methods: String) -> Answer {
        var answer = Answer(status: .noContent)
        answer.headers.add(name: "access-control-allow-methods", value: methods)
        if let asked = head.headers.first(name: "access-control-request-headers"),
            asked.utf8.count <= HTTPRequestHead.mostClaimed
        {
            answer.headers.add(name: "access-control-allow-headers", value: asked)
        }
        answer.headers.add(name: "access-control-max-age", value: "7200")
        return answer
    }
}
