import Testing

@testable import Settings

@Suite struct MemoryPlanTests {
    @Test func `the defaults leave room for senders, on large machines too`() {
        for cores in [1, 2, 64, 128] {
            let plan = MemoryPlan(Settings(), cores: cores)
            #expect(plan.trouble == nil, "\(cores) cores")
            #expect(plan.fixedBytes + plan.intakeBytes == 1 << 30)
        }
    }

    @Test func `every setting that reserves memory takes it from the senders`() {
        let settings = Settings()
        var larger = settings
        larger.rollup.dedupeWindow += 1_000
        larger.rollup.queueBytes += 100
        larger.journal.queueBytes += 10
        larger.limits.connections += 1
        larger.lanes = 1
        let before = MemoryPlan(settings, cores: 1).intakeBytes
        #expect(
            before - MemoryPlan(larger, cores: 1).intakeBytes == 11_000 + 100 + 20 + 32_768)
    }

    @Test func `a bound that is too small names the largest part`() throws {
        let (settings, mistakes) = Settings.load(
            text: "lanes: 1\nmemory_bytes: 512MiB\nlimits: {connections: 1000}\n")
        #expect(settings == nil)
        let mistake = try #require(mistakes.first)
        #expect(
            mistake.description
                == "memory_bytes (engaged.yaml:2): 536870912 is less than what the other settings come to; the largest part is rollup.dedupe_window with 220000000; write at least 531MiB, or lower rollup.dedupe_window"
        )
        let obeyed = Settings.load(
            text: "lanes: 1\nmemory_bytes: 531MiB\nlimits: {connections: 1000}\n")
        #expect(obeyed.mistakes == [])
        #expect(obeyed.settings?.memoryBytes == 531 << 20)
        let flooded = Settings.load(text: "limits: {connections: 1000000}\n")
        #expect(flooded.mistakes.map(\.key) == ["memory_bytes"])
        #expect(flooded.mistakes.first?.problem.contains("limits.connections") == true)
    }
}
