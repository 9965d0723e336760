import TestSupport

/// Many lives of one data directory, all from one seed.
package struct Simulation {
    package struct Failure: Error, CustomStringConvertible {
        package var seed: UInt64
        package var life: Int
        package var complaint: String
        package var description: String {
            "seed \(seed), life \(life): \(complaint)\n    deploy/simulate --seed \(seed)"
        }
    }

    /// - Parameter trace: told of everything that happens.
    /// - Returns: what it went through.
    package static func run(
        seed: UInt64, trace: ((String) -> Void)? = nil
    ) throws(Failure) -> Tally {
        let world = World(seed: seed, trace: trace)
        world.isDamaging = world.rng.oneIn(6)
        world.isRetiring = !world.isDamaging && world.rng.oneIn(2)
        let lives = Int.random(in: 4...14, using: &world.rng)
        for i in 0..<lives {
            world.tell("life \(i)")
            // The last one has nothing to fear.
            if i < lives - 1 { Weather.plan(world.disk, &world.rng) }
            var ending = Life(world).run()
            if let complaint = world.referee.complaint {
                throw Failure(seed: seed, life: i, complaint: complaint)
            }
            world.note(ending)
            ending = world.rest()
            world.tell(ending)
        }
        world.tally.seeds = 1
        world.tally.lives = lives
        world.tally.calls = world.disk.calls
        world.tally.retired = Int(world.retired)
        world.tally.faults["short-write"] = world.disk.shortWrites
        world.tally.faults["bit-flip"] = world.damage == nil ? 0 : 1
        return world.tally
    }
}

extension World {
    fileprivate func note(_ ending: String) {
        tell("ended: \(ending)")
        tally.endings[ending, default: 0] += 1
        for fault in disk.injected {
            tally.faults["\(fault.operation)", default: 0] += 1
        }
    }

    /// Between two lives: the process is gone, and maybe the machine was, too.
    fileprivate func rest() -> String {
        store.failures = 0
        var told = "killed"
        wasCut = !rng.oneIn(5)
        if !wasCut {
            disk.restart(after: nil)
        } else {
            let cut: PowerCut = rng.oneIn(5) ? (rng.oneIn(2) ? .all : .nothing) : .some
            told = "power cut, leaving \(cut)"
            disk.restart(after: cut)
            store.powerCut(&rng)
        }
        if rng.oneIn(isRetiring ? 5 : 20) { store.goBack(&rng) }
        if isDamaging, damage == nil, wasCut, rng.oneIn(3) {
            damage = Damage.plant(on: disk, &rng)
            if let damage { told += ", and a bit of \(damage.path) flips at \(damage.offset)" }
        }
        return told
    }
}
