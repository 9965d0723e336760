import Engagement

/// Machines' lines of a lane by class and reason, until they are added to the counters.
package struct MachineTally {
    private var counts = [Int](
        repeating: 0, count: AgentClass.allCases.count * MachineReason.allCases.count)
    package private(set) var isEmpty = true

    mutating func add(_ agent: AgentClass, _ reason: MachineReason) {
        counts[agent.index * MachineReason.allCases.count + Int(reason.rawValue)] += 1
        isEmpty = false
    }

    /// Gives what was added since the last time, by the positions of class and reason.
    package mutating func drain(_ body: (_ agent: Int, _ reason: Int, _ count: Int) -> Void) {
        guard !isEmpty else { return }
        isEmpty = true
        for i in counts.indices where counts[i] > 0 {
            body(i / MachineReason.allCases.count, i % MachineReason.allCases.count, counts[i])
            counts[i] = 0
        }
    }
}
