import Simulation
import Testing

@Suite struct SimulationTests {
    @Test(arguments: 0..<16 as Range<UInt64>)
    func `every promise holds through lives with faults and crashes`(block: UInt64) throws {
        var tally = Tally()
        for seed in (block * 10 + 1)...(block * 10 + 10) { tally += try Simulation.run(seed: seed) }
        #expect(tally.seeds == 10)
        #expect(tally.acknowledged > 0)
    }

    @Test func `a seed repeats itself to the last call`() throws {
        var first: [String] = []
        var second: [String] = []
        _ = try Simulation.run(seed: 5) { first.append($0) }
        _ = try Simulation.run(seed: 5) { second.append($0) }
        #expect(first == second)
        #expect(!first.isEmpty)
    }
}
