import Glibc

/// What `memory_bytes` is divided into: fixed allotments, each bounded by what holds it, and the rest,
/// which is all that senders can make the daemon hold beyond their connections' shares.
package struct MemoryPlan: Sendable {
    /// What one connection holds however it behaves: its objects (6 KiB as measured), a read and a
    /// torn line of 4 KiB each, answers that it doesn't read (12 KiB), a few requests in a row.
    package static let connectionBytes = 32 << 10
    /// Counter rows between two flushes, and the ledger's pages.
    package static let deltaBytes = 96 << 20
    package static let ledgerCacheBytes = 64 << 20
    /// A large read, a batch being filled and small ones on their way to the disk, a piece of an
    /// inflated body.
    private static let laneBytes = 1 << 20
    /// Code, runtime, threads, recent ids, empty batches kept for use, the UDP read.
    private static let processBytes = 48 << 20

    struct Part {
        /// The setting that it follows from; nil: fixed.
        var key: String?
        var bytes: Int
    }

    let parts: [Part]
    /// What senders must be able to use for anything to work: a few bodies at once.
    let leastForSenders: Int
    let bytes: Int

    /// - Parameter cores: of the machine, for the default number of lanes.
    package init(_ settings: Settings, cores: Int = sysconf(Int32(_SC_NPROCESSORS_ONLN))) {
        bytes = settings.memoryBytes
        leastForSenders = max(16 << 20, 4 * settings.limits.inflatedBodyBytes)
        parts = [
            // 8 bytes a slot, three quarters full at most.
            Part(key: "rollup.dedupe_window", bytes: settings.rollup.dedupeWindow * 11),
            Part(
                key: "limits.connections", bytes: settings.limits.connections * Self.connectionBytes
            ),
            Part(key: "rollup.queue_bytes", bytes: settings.rollup.queueBytes),
            // Lines, and beside them what the scan found in them.
            Part(key: "journal.queue_bytes", bytes: settings.journal.queueBytes * 2),
            Part(key: "lanes", bytes: settings.laneCount(cores: cores) * Self.laneBytes),
            Part(key: nil, bytes: Self.deltaBytes),
            Part(key: nil, bytes: Self.ledgerCacheBytes),
            Part(key: nil, bytes: Self.processBytes),
        ]
    }

    var fixedBytes: Int { parts.reduce(0) { $0 + $1.bytes } }

    /// What is left for senders.
    package var intakeBytes: Int { bytes - fixedBytes }

    /// What of that may go to connections that speak TLS: bodies and long lines go on.
    package var sealedBytes: Int { intakeBytes - leastForSenders }

    /// What is wrong with it, and what to do, or nil.
    var trouble: (problem: String, remedy: String)? {
        let least = fixedBytes + leastForSenders
        guard bytes < least else { return nil }
        let largest = parts.filter { $0.key != nil }.max { $0.bytes < $1.bytes }
        guard let largest, let key = largest.key else { return nil }
        return (
            "\(bytes) is less than what the other settings come to; the largest part is \(key) with \(largest.bytes)",
            "write at least \(Self.rounded(least)), or lower \(key)"
        )
    }

    /// Up to whole MiB.
    private static func rounded(_ bytes: Int) -> String { "\((bytes + (1 << 20) - 1) >> 20)MiB" }
}
