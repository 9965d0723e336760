import Dialects
import Links

/// A path that belongs to signed links. Source: schemas/wire.md, "Signed links".
enum LinkPath {
    case token(Purpose, [UInt8])
    /// The call that signs many.
    case sign

    init?(_ path: UnsafeBufferPointer<UInt8>) {
        guard path.count >= 3, path[0] == UInt8(ascii: "/") else { return nil }
        if path.isEqual(to: "/v1/links") {
            self = .sign
            return
        }
        guard path[2] == UInt8(ascii: "/") else { return nil }
        let purpose: Purpose
        switch path[1] {
        case UInt8(ascii: "c"): purpose = .click
        case UInt8(ascii: "o"): purpose = .open
        case UInt8(ascii: "u"): purpose = .unsubscribe
        case UInt8(ascii: "s"): purpose = .preferences
        default: return nil
        }
        var token = path.dropFirst(3)
        // Some programs that show mails ask for a picture without its ending.
        if purpose == .open, token.suffix(4).elementsEqual(".gif".utf8) {
            token = token.dropLast(4)
        }
        self = .token(purpose, Array(token))
    }

    /// The methods that the path takes; nil: this is one of them.
    func refusal(of method: RequestHead.Method) -> Answer? {
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
