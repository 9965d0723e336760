import Dialects

/// `<a ping="https://events.example/b/KEY">`: a browser posts `PING` when the link is followed, without
/// any script, and tells the link and (not from a page of another site) the page in headers. Further
/// fields of the click may stand in the query. Source: HTML, "Hyperlink auditing".
extension QueryEvent {
    static func ping(_ request: Request) -> QueryEvent {
        let head = request.head
        return head.withQuery { query in
            QueryEvent(
                query: query,
                defaults: .init(
                    type: "click", url: head.first(.pingFrom), target: head.first(.pingTo)))
        }
    }
}
