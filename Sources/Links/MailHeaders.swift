/// What one recipient's copy of an issue carries.
package struct MailLinks: Equatable, Sendable {
    package var open: String
    package var unsubscribe: String
    package var preferences: String
    package var headers: [Header]

    package struct Header: Equatable, Sendable {
        package var name: String
        package var value: String
    }
}

/// The headers by which mailbox providers offer to unsubscribe.
///
/// `List-Unsubscribe` (RFC 2369) with `List-Unsubscribe-Post` (RFC 8058), both of which the mail's
/// DKIM signature must cover, and `List-Id` (RFC 2919), by which readers sort.
enum MailHeaders {
    static func lines(
        unsubscribe: String, newsletter: String, address: String
    ) -> [MailLinks.Header] {
        var headers = [
            MailLinks.Header(name: "List-Unsubscribe", value: "<\(unsubscribe)>"),
            MailLinks.Header(name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click"),
        ]
        if let label = label(newsletter) {
            headers.append(.init(name: "List-Id", value: "<\(label).\(host(address))>"))
        }
        return headers
    }

    /// A newsletter's name as a dot-atom; nil where nothing of it is left.
    private static func label(_ newsletter: String) -> String? {
        let words = newsletter.lowercased().utf8.split { byte in
            !((48...57).contains(byte) || (97...122).contains(byte) || byte == 0x5f)
        }
        guard !words.isEmpty else { return nil }
        return words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }

    private static func host(_ address: String) -> String {
        let rest = address.drop { $0 != "/" }.drop { $0 == "/" }
        let host = rest.prefix { $0 != "/" && $0 != ":" && $0 != "[" }
        return host.isEmpty || host.allSatisfy({ $0.isNumber || $0 == "." })
            ? "localhost" : host.lowercased()
    }
}
