/// `GET /e.js`: the tracker, whole or "you have it". Source: RFC 9110, sections 8.8.3, 12.5.3 and 13.1.2.
extension Answer {
    static func tracker(_ head: RequestHead) -> Answer {
        let isGzip = head.values(.acceptEncoding).contains(where: acceptsGzip)
        let tag = "\"\(TrackerScript.tag)\(isGzip ? "-gz" : "")\""
        var answer = Answer(status: .ok)
        answer.headers = [
            "etag": tag,
            // An hour, so that a mended script arrives the same day; meanwhile no page waits for it.
            "cache-control": "public, max-age=3600, stale-while-revalidate=86400",
            "vary": "Accept-Encoding",
            // For `integrity`, which needs `crossorigin`.
            "access-control-allow-origin": "*",
        ]
        if head.values(.ifNoneMatch).contains(where: { names(tag, in: $0) }) {
            answer.status = .notModified
            return answer
        }
        answer.headers.add(name: "content-type", value: "text/javascript; charset=utf-8")
        answer.headers.add(name: "x-content-type-options", value: "nosniff")
        if isGzip { answer.headers.add(name: "content-encoding", value: "gzip") }
        answer.body = isGzip ? TrackerScript.gzip : TrackerScript.plain
        return answer
    }
}

/// Whether a value of `Accept-Encoding` has gzip among what it takes.
func acceptsGzip(_ value: String) -> Bool {
    for part in value.lowercased().split(separator: ",") {
        var words = part.split(separator: ";").map { $0.trimmed }[...]
        guard let coding = words.popFirst(), ["gzip", "x-gzip"].contains(coding) else { continue }
        return !words.contains { word in
            word.hasPrefix("q=") && word.dropFirst(2).allSatisfy { $0 == "0" || $0 == "." }
        }
    }
    return false
}

/// Whether a value of `If-None-Match` names the tag, weak or strong.
private func names(_ tag: String, in value: String) -> Bool {
    value.split(separator: ",").contains { part in
        let given = part.trimmed
        return given == "*" || given == tag[...]
            || given.dropFirst(2) == tag && given.hasPrefix("W/")
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
