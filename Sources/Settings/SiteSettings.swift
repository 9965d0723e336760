/// One property whose events are taken: a shop, a blog, a list.
package struct SiteSettings: Sendable, Equatable {
    package var name: String
    /// Write keys, all valid at once so that a key can be changed without a gap. Secrets.
    package var keys: [String]
    /// Keys that stand in web pages, where everybody reads them.
    package var browserKeys: [String]
    /// Pages that may send, as `https://host`; empty: any.
    package var origins: [String]
    /// A page of `origins` needs no key: its origin names the site.
    package var byOrigin: Bool
    /// May be written without a key, by this machine only.
    package var open: Bool
    /// Secrets of those who may have links signed for the site; none is a write key.
    package var signers: [String]
    /// Beacons that name no visitor get a name for the day.
    package var anonymousVisitors: Bool
    /// What each of `keys` may send; 0: any number.
    package var eventsPerSecond = 0
    /// What each of `browserKeys` may send, and with `byOrigin` each origin; 0: any number.
    package var browserEventsPerSecond = 0

    package init(
        name: String, keys: [String] = [], browserKeys: [String] = [], origins: [String] = [],
        byOrigin: Bool = false, open: Bool = false, signers: [String] = [],
        anonymousVisitors: Bool = false
    ) {
        self.name = name
        self.keys = keys
        self.browserKeys = browserKeys
        self.origins = origins
        self.byOrigin = byOrigin
        self.open = open
        self.signers = signers
        self.anonymousVisitors = anonymousVisitors
    }

    /// Nobody else could write to it.
    var isForThisMachineOnly: Bool { keys.isEmpty && browserKeys.isEmpty && !byOrigin }

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
