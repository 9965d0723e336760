import Glibc
import Journal
import Rollup
import TestSupport

/// The bounds and the disk of one life, drawn at random: small ones, so that every limit is met.
enum Weather {
    static func limits(_ rng: inout SeededRNG) -> JournalLimits {
        var limits = JournalLimits()
        limits.memberLines = .random(in: 1...12, using: &rng)
        limits.memberRawBytes = .random(in: 200...6_000, using: &rng)
        limits.segmentBytes = .random(in: 100...8_000, using: &rng)
        limits.segmentAgeNanoseconds = .random(in: 1...20, using: &rng) * 1_000_000_000
        limits.queueBytes = .random(in: 500...20_000, using: &rng)
        limits.lowWaterBytes = rng.oneIn(2) ? 0 : .random(in: 0...4_000, using: &rng)
        limits.ballastBytes = rng.oneIn(2) ? 0 : .random(in: 1...4_000, using: &rng)
        limits.housekeepingNanoseconds =
            rng.oneIn(3) ? 0 : .random(in: 1...3_000_000_000, using: &rng)
        limits.roomRetryNanoseconds = 0
        return limits
    }

    static func settings(_ rng: inout SeededRNG, window: UInt64) -> RollupSettings {
        var settings = RollupSettings()
        settings.dedupeWindow = window
        settings.flushMilliseconds = .random(in: 0...2_000, using: &rng)
        settings.horizonMilliseconds = .random(in: 100...3_000, using: &rng)
        settings.deltaBytes = rng.oneIn(3) ? .random(in: 1...3_000, using: &rng) : 1 << 20
        settings.queueBytes = rng.oneIn(2) ? 1 << 20 : .random(in: 1...4_000, using: &rng)
        settings.patienceMilliseconds = 0
        settings.retryMilliseconds = 0
        settings.stopMilliseconds = 1_000_000_000
        settings.stopStepLines = .random(in: 1...20, using: &rng)
        return settings
    }

    /// Plans what goes wrong in the life that begins now.
    static func plan(_ disk: SimulatedDisk, _ rng: inout SeededRNG) {
        disk.shortWriteOneIn = rng.oneIn(2) ? 0 : .random(in: 1...10, using: &rng)
        disk.slowestSyncNanoseconds = rng.oneIn(8) ? 30_000_000_000 : 3_000_000
        if !rng.oneIn(4) {
            let soon = rng.oneIn(3)
            disk.stopAt = disk.calls + .random(in: 1...(soon ? 60 : 500), using: &rng)
        }
        guard rng.oneIn(2) else { return }
        for _ in 0..<Int.random(in: 1...4, using: &rng) { disk.add(fault(&rng)) }
        if rng.oneIn(3) {
            let start = disk.calls + .random(in: 0...200, using: &rng)
            disk.shortages = [
                DiskShortage(
                    calls: start..<(start + .random(in: 1...80, using: &rng)),
                    room: .random(in: 0...3_000, using: &rng))
            ]
        }
    }

    private static func fault(_ rng: inout SeededRNG) -> DiskFault {
        let operations: [DiskOperation] = [
            .syncData, .syncData, .syncData, .sync, .syncDirectory, .syncDirectory, .write, .write,
            .rename, .create, .create, .open, .read, .unlink, .truncate, .list, .stat, .allocate,
            .makeDirectory,
        ]
        let operation = operations.randomElement(using: &rng)!
        let codes: [Int32] =
            switch operation {
            case .create: [EMFILE, ENOSPC, EIO]
            case .open: [EMFILE, EIO]
            case .write, .allocate, .makeDirectory, .rename, .syncData, .sync: [EIO, EIO, ENOSPC]
            default: [EIO]
            }
        let path = rng.oneIn(2) ? "/segments" : ""
        return DiskFault(
            operation, path, number: .random(in: 1...(rng.oneIn(2) ? 6 : 40), using: &rng),
            times: rng.oneIn(3) ? .random(in: 2...12, using: &rng) : 1,
            code: codes.randomElement(using: &rng)!)
    }
}
