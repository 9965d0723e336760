import Links
import NIOHTTP1

/// A path that belongs to signed links. Source: schemas/wire.md, "Signed links".
enum LinkPath {
    case token(Purpose, Substring)
    /// The call that signs many.
    case sign

    init?(_ path: Substring) {
        if path == "/v1/links" {
            self = .sign
            return
        }
        let purpose: Purpose
        switch path.prefix(3) {
        case "/c/": purpose = .click
        case "/o/": purpose = .open
        case "/u/": purpose = .unsubscribe
        case "/s/": purpose = .preferences
        default: return nil
        }
        var token = path.dropFirst(3)
        // Some programs that show mails ask for a picture without its ending.
        if purpose == .open, token.hasSuffix(".gif") { token = token.dropLast(4) }
        self = .token(purpose, token)
    }

    /// The methods that the path takes; nil: this is one of them.
    func refusal(of method: HTTPMethod) -> Answer? {
        switch (self, method) {
        case (.sign, .POST), (.token, .GET), (.token, .HEAD), (.token(.unsubscribe, _), .POST),
            (.token(.preferences, _), .POST):
            nil
        case (.sign, _): .notAllowed("POST")
        case (.token(.unsubscribe, _), _), (.token(.preferences, _), _):
            .notAllowed("GET, HEAD, POST")
        case (.token, _): .notAllowed("GET, HEAD")
        }
    }
}
