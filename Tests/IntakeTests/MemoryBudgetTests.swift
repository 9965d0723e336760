import Synchronization
import TestSupport
import Testing

@testable import Intake

@Suite(.timeLimit(.minutes(20)))
struct MemoryBudgetTests {
    @Test func `what doesn't fit isn't taken, not even in part`() {
        let budget = MemoryBudget(bytes: 100)
        #expect(budget.reserve(60))
        #expect(!budget.reserve(41))
        #expect(budget.reserve(40))
        #expect(budget.usedBytes == 100)
        budget.release(100)
        #expect(budget.usedBytes == 0)
    }

    @Test func `a release wakes once, and only when somebody waits`() {
        let budget = MemoryBudget(bytes: 100)
        let woken = Atomic<Int>(0)
        budget.onRoom { woken.add(1, ordering: .relaxed) }
        #expect(budget.reserve(100))
        budget.release(1)
        #expect(!budget.reserve(50))
        budget.release(1)
        #expect(woken.load(ordering: .relaxed) == 0)
        #expect(!budget.reserveOrAwait(50))
        budget.release(1)
        budget.release(1)
        #expect(woken.load(ordering: .relaxed) == 1)
    }

    @Test func `another size holds at once, and wakes whoever waited`() {
        let budget = MemoryBudget(bytes: 100)
        let woken = Atomic<Int>(0)
        budget.onRoom { woken.add(1, ordering: .relaxed) }
        #expect(budget.reserve(90))
        #expect(!budget.reserveOrAwait(50))
        budget.resize(to: 150)
        #expect(woken.load(ordering: .relaxed) == 1)
        #expect(budget.reserveOrAwait(50))
        budget.resize(to: 100)
        budget.release(90)
        #expect(!budget.reserve(60))
        #expect(budget.reserve(50))
    }

    @Test(arguments: 1...4)
    func `whoever waits is woken when many take and give at once`(seed: UInt64) async {
        let budget = MemoryBudget(bytes: 1_000)
        let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        budget.onRoom { wakes.continuation.yield() }
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var random = SeededRNG(seed &* 7_919 &+ UInt64(worker))
                    for _ in 0..<2_000 {
                        let count = Int.random(in: 1...400, using: &random)
                        guard budget.reserve(count) else {
                            await Task.yield()
                            continue
                        }
                        if count % 3 == 0 { await Task.yield() }
                        budget.release(count)
                    }
                }
            }
            // Needs all of it, so it gets it only if it hears of the last release.
            group.addTask {
                for await _ in wakes.stream where budget.reserveOrAwait(1_000) {
                    return budget.release(1_000)
                }
            }
            if budget.reserveOrAwait(1_000) { budget.release(1_000) }
            wakes.continuation.yield()
        }
        #expect(budget.usedBytes == 0, "seed \(seed)")
    }
}
