/// One property whose events are taken: a shop, a blog, a list.
package struct SiteSettings: Sendable, Equatable {
    package var name: String
    /// Write keys, all valid at once so that a key can be changed without a gap. Secrets.
    package var keys: [String]
    /// Pages that may send, as `https://host`; empty: any.
    package var origins: [String]
    /// May be written without a key, by this machine only.
    package var open: Bool
    /// Beacons that name no visitor get a name for the day.
    package var anonymousVisitors: Bool

    package init(
        name: String, keys: [String] = [], origins: [String] = [], open: Bool = false,
        anonymousVisitors: Bool = false
    ) {
        self.name = name
        self.keys = keys
        self.origins = origins
        self.open = open
        self.anonymousVisitors = anonymousVisitors
    }

    /// A shorter key could be guessed over the network.
    package static let shortestKey = 16
    package static let longestKey = 200
}

/// Keys stay out of logs and of test output, whoever prints a site.
extension SiteSettings: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String {
        "\(name)(\(keys.count) key\(keys.count == 1 ? "" : "s"), origins \(origins)"
            + "\(open ? ", open to this machine" : ""))"
    }
    package var debugDescription: String { description }
}
