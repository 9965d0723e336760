import Engagement
import Journal
import TestSupport

/// A log on a simulated disk, for tests that cut what is done to it at any call.
extension SimulatedDisk {
    static let log = DataDirectory("/data")

    /// A disk with that many sealed segments of three members each, all of it durable.
    static func withLog(segments: Int, linesPerMember: Int, seed: UInt64) throws -> SimulatedDisk {
        let clock = SimulatedClock()
        let disk = SimulatedDisk(seed: seed, clock: clock)
        // Ids that don't compress, so that a file has several sectors.
        var rng = SeededRNG(seed)
        for _ in 0..<segments {
            let journal = try disk.openLog(clock)
            try journal.start(
                onOwnThread: false, onDurable: { _ in }, onRelief: {}, onFatal: { _ in })
            for _ in 0..<3 {
                journal.submit(
                    batch((0..<linesPerMember).map { _ in event("\(rng.next())-\(rng.next())") }))
                journal.turn()
            }
            journal.stop()
        }
        disk.restart(after: .nothing)
        return disk
    }

    func openLog(_ clock: SimulatedClock = SimulatedClock()) throws -> Journal {
        try Journal.open(
            directory: Self.log.root, fileSystem: self, clock: clock, limits: Bench.limits,
            makeIdentity: { Bench.identity })
    }

    /// Every file of the log by its name, as a reader sees it now.
    var segments: [String: [UInt8]] { files(below: Self.log.segments) }
}
