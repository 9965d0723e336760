import Dialects
import NIOHTTP1

/// `<a ping="https://events.example/b/KEY">`: a browser posts `PING` when the link is followed, without
/// any script, and tells the link and (not from a page of another site) the page in headers. Further
/// fields of the click may stand in the query. Source: HTML, "Hyperlink auditing".
extension QueryEvent {
    static func ping(_ request: Request) -> QueryEvent {
        let headers = request.head.headers
        return QueryEvent(
            query: request.query,
            defaults: .init(
                type: "click", url: headers.first(name: "ping-from"),
                target: headers.first(name: "ping-to")))
    }
}
