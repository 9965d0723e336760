/// Makes links: claims that have been checked, signed by the newest key, below the service's address.
package struct LinkSigner: Sendable {
    package static let longestDays = 3_650
    package static let defaultDays = 400
    /// Preference pages show what is held on somebody, so their links don't live as long.
    package static let defaultPreferenceDays = 90
    /// A header line of a mail has at most 998 characters (RFC 5322) and an address can't be folded.
    static let longestInHeader = 900
    private static let longestText = 200

    /// What can't be signed, and why; in the words of the event's reason codes.
    package struct Mistake: Error, Equatable, Sendable {
        package var code: String
        package var detail: String

        static func missing(_ field: String) -> Mistake {
            Mistake(code: "missing_field", detail: "\(field): is required")
        }
        static func invalid(_ field: String, _ why: String) -> Mistake {
            Mistake(code: "invalid_field", detail: "\(field): \(why)")
        }
    }

    private let keys: Keyring
    /// Without a slash at its end: `https://news.example`.
    private let address: String

    package init(keys: Keyring, address: String) {
        self.keys = keys
        self.address = address
    }

    package var hasKey: Bool { keys.newest != nil }

    /// The link of one purpose.
    package func url(_ claims: Claims) throws(Mistake) -> String {
        try check(claims)
        guard let key = keys.newest else {
            throw Mistake(code: "no_key", detail: "no key to sign with: run engaged keys rotate")
        }
        guard let token = TokenCodec.encode(claims, key: key) else {
            throw Mistake(code: "too_large", detail: "the fields are too long for a link")
        }
        let url = address + claims.purpose.path(token)
        if claims.purpose == .unsubscribe, url.utf8.count > Self.longestInHeader {
            throw Mistake(code: "too_large", detail: "the link is too long for a mail's header")
        }
        return url
    }

    /// All that a mail needs besides its clicks.
    /// - Parameter claims: of any purpose; who and which issue.
    package func mail(_ claims: Claims, preferencesExpire: UInt32) throws(Mistake) -> MailLinks {
        func one(_ purpose: Purpose) throws(Mistake) -> String {
            var claims = claims
            claims.purpose = purpose
            if purpose == .preferences { claims.expires = preferencesExpire }
            return try url(claims)
        }
        let unsubscribe = try one(.unsubscribe)
        return MailLinks(
            open: try one(.open), unsubscribe: unsubscribe, preferences: try one(.preferences),
            headers: MailHeaders.lines(
                unsubscribe: unsubscribe, newsletter: claims.newsletter ?? "", address: address))
    }

    private func check(_ claims: Claims) throws(Mistake) {
        func needs(_ name: String, _ value: String?) throws(Mistake) {
            if value == nil { throw .missing(name) }
        }
        switch claims.purpose {
        case .click:
            try needs("target", claims.target)
            if claims.newsletter != nil { try needs("issue", claims.issue) }
        case .open:
            try needs("newsletter", claims.newsletter)
            try needs("issue", claims.issue)
        case .unsubscribe:
            try needs("newsletter", claims.newsletter)
            try needs("customer", claims.customer)
        case .preferences: try needs("customer", claims.customer)
        }
        if let target = claims.target, !LinkTarget.isSound(target) {
            throw .invalid("target", "must be an absolute http or https address in plain ASCII")
        }
        let texts: [(String, String?, Int)] = [
            ("site", claims.site, Self.longestText),
            ("customer", claims.customer, Self.longestText),
            ("newsletter", claims.newsletter, Self.longestText),
            ("issue", claims.issue, Self.longestText),
            ("link", claims.link, LinkTarget.maximumBytes),
            ("message", claims.message, Self.longestText),
        ]
        for (name, value, longest) in texts {
            guard let value else { continue }
            if value.isEmpty || value.utf8.count > longest {
                throw .invalid(name, "must have 1 to \(longest) bytes")
            }
            if value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) {
                throw .invalid(name, "holds a control character")
            }
        }
    }
}
