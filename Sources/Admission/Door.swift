package import Engagement

/// What is known of a line's sender before the line is read: the same for a whole connection,
/// datagram or request.
package struct Door {
    package var via: Batch.Via
    /// nil: the key was unknown, or none was given where one is needed.
    package var grant: Grant?
    /// The page's origin, when a browser told it.
    package var origin: String?
    /// The browser sent Sec-GPC or DNT: identity isn't wanted.
    package var refusesTracking: Bool
    package var agent: AgentClass

    package init(
        via: Batch.Via, grant: Grant?, origin: String? = nil, refusesTracking: Bool = false,
        agent: AgentClass = .human
    ) {
        self.via = via
        self.grant = grant
        self.origin = origin
        self.refusesTracking = refusesTracking
        self.agent = agent
    }
}

/// Who acted, as far as the request shows. Machines are marked and counted apart, never dropped.
package enum AgentClass: String, Sendable {
    case human
    case bot
    case prefetch

    /// - Parameters:
    ///   - userAgent: the header's value, any case.
    ///   - purpose: Sec-Purpose, Purpose or X-Moz.
    package static func of(userAgent: String?, purpose: String?) -> AgentClass {
        if let purpose, purpose.lowercased().contains("prefetch") { return .prefetch }
        guard let agent = userAgent?.lowercased() else { return .human }
        return marks.contains { agent.contains($0) } ? .bot : .human
    }

    /// Words that crawlers and headless browsers put into their names; a fuller list with sources
    /// belongs to the bot gate of the beacons.
    private static let marks = [
        "bot/", "bot;", "bot)", "+http", "crawler", "spider", "slurp", "headlesschrome",
        "phantomjs",
    ]
}
