package import TestSupport

/// One fixed life, stopped at a given call, and the life behind it.
package enum CrashPoints {
    /// How many calls the life makes when nothing stops it.
    package static func calls(seed: UInt64) throws -> Int {
        let world = World(seed: seed, trace: nil)
        _ = Life(world).run()
        return world.lastCall
    }

    /// - Parameter cut: what the stop leaves of what wasn't synced; nil: the process alone was killed.
    package static func run(seed: UInt64, stopAt call: Int, _ cut: PowerCut?) throws {
        let world = World(seed: seed, trace: nil)
        world.disk.stopAt = call
        for life in 0..<2 {
            _ = Life(world).run()
            if let complaint = world.referee.complaint {
                throw Simulation.Failure(
                    seed: seed, life: life, complaint: "stopped at call \(call): \(complaint)")
            }
            world.wasCut = cut != nil
            world.disk.restart(after: cut)
            if cut != nil { world.store.powerCut(&world.rng) }
        }
    }
}
