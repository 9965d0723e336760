/// Where the admin port listens: `host:port`, or `unix:/path` for a socket file.
package enum AdminAddress: Sendable, Equatable, CustomStringConvertible {
    case network(ListenAddress)
    /// An absolute path.
    case unix(String)

    /// As much as fits into a sockaddr_un (unix(7)), with its zero.
    static let longestPath = 107
    private static let scheme = "unix:"

    package init?(_ text: String) {
        if text.hasPrefix(Self.scheme) {
            let path = String(text.dropFirst(Self.scheme.count))
            guard path.hasPrefix("/"), !path.hasSuffix("/"), path.utf8.count <= Self.longestPath,
                !path.utf8.contains(0)
            else { return nil }
            self = .unix(path)
        } else {
            guard let address = ListenAddress(text) else { return nil }
            self = .network(address)
        }
    }

    /// Only this machine can connect.
    package var isLocal: Bool {
        switch self {
        case .network(let address): address.isLoopback
        case .unix: true
        }
    }

    package var description: String {
        switch self {
        case .network(let address): "\(address)"
        case .unix(let path): Self.scheme + path
        }
    }
}

extension Setting {
    static let adminAddress = Setting(
        key: "admin", allowed: "host:port, unix:/path or none",
        set: { text, settings in
            if text == "none" {
                settings.admin = nil
                return nil
            }
            guard let address = AdminAddress(text) else {
                return Wrong(
                    problem: "\"\(text)\" is no address",
                    remedy:
                        "write host:port such as 127.0.0.1:3644, unix: and an absolute path of at most \(AdminAddress.longestPath) bytes, or none"
                )
            }
            settings.admin = address
            return nil
        },
        show: { $0.admin?.description ?? "none" })

    /// A secret: neither shown nor quoted.
    static let adminToken = Setting(
        key: "admin_token", allowed: "16 to 200 ASCII characters or none",
        set: { text, settings in
            if text == "none" {
                settings.adminToken = nil
                return nil
            }
            if let wrong = SiteReader.wrong(secret: text) { return wrong }
            settings.adminToken = text
            return nil
        },
        show: { $0.adminToken == nil ? "none" : "(set)" })
}
