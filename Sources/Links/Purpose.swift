/// What a token is good for. It is signed along: a token of one purpose is none of another.
package enum Purpose: UInt8, CaseIterable, Sendable {
    case click = 1
    case open = 2
    case unsubscribe = 3
    case preferences = 4

    /// The word for it in requests and answers.
    package var name: String { "\(self)" }

    package init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// Where tokens of this purpose are taken, below the address of the service.
    package func path(_ token: String) -> String {
        switch self {
        case .click: "/c/" + token
        case .open: "/o/" + token + ".gif"
        case .unsubscribe: "/u/" + token
        case .preferences: "/s/" + token
        }
    }
}
