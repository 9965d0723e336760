import Engagement

/// What a lane has found out about user agents lately: a table of fixed size in which the newest
/// overwrites. Most requests of a site come with one of some hundred agents. They stand in it as keyed
/// hashes: senders choose how long they are.
package struct AgentTable {
    private struct Entry {
        /// Zero: free.
        var print: UInt64 = 0
        var verdict: MachineReason?
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
        let print = agent.withUTF8 { text in
            text.baseAddress.map { max(key.hash($0, text.count), 1) } ?? 1
        }
        let slot = Int(print % UInt64(Self.slots))
        if entries[slot].print == print { return entries[slot].verdict }
        let verdict = Self.judge(agent)
        entries[slot] = Entry(print: print, verdict: verdict)
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
