import Engagement

/// What a lane has found out about user agents lately: a table of fixed size in which the newest
/// overwrites. Most requests of a site come with one of some hundred agents.
package struct AgentTable {
    private struct Entry {
        var agent = ""
        var verdict: MachineReason?
        var isKnown = false
    }
    private static let slots = 1_024
    private var entries = [Entry](repeating: Entry(), count: slots)
    private var key: HashKey

    package init() {
        var random = SystemRandomNumberGenerator()
        key = HashKey(using: &random)
    }

    /// What the agent alone shows.
    package mutating func verdict(_ agent: String) -> MachineReason? {
        var agent = agent
        let slot = agent.withUTF8 {
            $0.isEmpty ? 0 : Int(key.hash($0.baseAddress!, $0.count) % UInt64(Self.slots))
        }
        if entries[slot].isKnown, entries[slot].agent == agent { return entries[slot].verdict }
        let verdict = Self.judge(agent)
        // A long one isn't kept: senders choose how long they are.
        if agent.utf8.count <= AgentMatcher.mostBytes {
            entries[slot] = Entry(agent: agent, verdict: verdict, isKnown: true)
        }
        return verdict
    }

    private static func judge(_ agent: String) -> MachineReason? {
        switch agent {
        case "", "-": .noAgent
        // Apple's Mail Privacy Protection says no more than this.
        case "Mozilla/5.0": .appleMPP
        // Gmail, when it loads the images of a mail that nobody has opened yet.
        case _ where agent.hasSuffix("Edge/12.246 Mozilla/5.0"): .gmailPrefetch
        default: AgentMatcher.shared.find(Array(agent.utf8))
        }
    }
}
