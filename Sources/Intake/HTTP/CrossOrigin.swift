import NIOCore

/// What lets a page of another origin send, and see what became of it. Source: the Fetch standard,
/// "CORS protocol" and "Cross-Origin-Resource-Policy".
///
/// Any origin may read the answer, which tells of nobody: a page that may not write to the site gets its
/// lines refused and counted (`forbidden_origin`), and learns so. Were the answer hidden from it, it
/// would take the refusal for a broken network and send again.
struct CrossOrigin {
    /// Nothing longer is repeated in an answer, which stands in memory until it is read. A host has at
    /// most 253 characters.
    fileprivate static let mostClaimed = 300

    /// Cookies mean nothing here, but a page whose request carries some may read the answer only with
    /// leave. A preflight can't say whether any will follow.
    private static let credentials = HeaderSet([.cookie, .authorization, .secFetchStorageAccess])

    /// nil: no page asks, or nobody that may be named.
    let origin: String?
    private let carriesCredentials: Bool

    /// Of a request in which no page is named.
    static let unasked = CrossOrigin(origin: nil, carriesCredentials: false)

    private init(origin: String?, carriesCredentials: Bool) {
        self.origin = origin
        self.carriesCredentials = carriesCredentials
    }

    /// nil: the path isn't for pages.
    init?(_ request: Request) {
        guard case .site = request.place else { return nil }
        origin = request.origin.flatMap { $0.utf8.count <= Self.mostClaimed ? $0 : nil }
        carriesCredentials =
            request.head.method == .OPTIONS || request.head.meets(Self.credentials)
    }

    func write(beside headers: AnswerHeaders, to out: inout ByteBuffer) {
        if !headers.contains(name: "cache-control") {
            out.writeStaticString("cache-control: no-store\r\n")
        }
        out.writeStaticString("cross-origin-resource-policy: cross-origin\r\n")
        guard let origin, !headers.contains(name: "access-control-allow-origin") else { return }
        Answer.write("access-control-allow-origin", origin, to: &out)
        out.writeStaticString("access-control-expose-headers: Retry-After\r\nvary: Origin\r\n")
        if carriesCredentials {
            out.writeStaticString("access-control-allow-credentials: true\r\n")
        }
    }
}

extension Answer {
    /// The answer to a preflight, but for what `CrossOrigin` adds.
    static func preflight(_ head: RequestHead, methods: String) -> Answer {
        var answer = Answer(status: .noContent)
        answer.headers.add(name: "access-control-allow-methods", value: methods)
        if let asked = head.first(.requestHeaders), asked.utf8.count <= CrossOrigin.mostClaimed {
            answer.headers.add(name: "access-control-allow-headers", value: asked)
        }
        answer.headers.add(name: "access-control-max-age", value: "7200")
        return answer
    }
}
