import Engagement
import Glibc
import Journal
import Ledger
import Rollup
import Settings

/// The ledger's file in the data directory, and what to do when it can't be used: it is only a view
/// of the log, so it is set aside, and the roll-up goes on from the newest snapshot that fits the
/// log, else from nothing.
struct LedgerFile: Sendable {
    /// What the segments hold.
    struct Log {
        /// The oldest seq that is still there; 1 before any.
        var first: UInt64
        var durable: UInt64

        init(first: UInt64, durable: UInt64) {
            self.first = first
            self.durable = durable
        }

        init(_ journal: Journal) throws {
            first = try journal.firstSeq()
            durable = journal.watermark.seq
        }

        /// Whether a ledger that counts up to `seq` can be brought up to date.
        func continues(_ seq: UInt64) -> Bool { seq <= durable && seq + 1 >= first }
    }

    /// The segments that a rebuild would need have been retired, and no snapshot reaches them.
    struct NotRebuildable: Error, CustomStringConvertible {
        var first: UInt64
        var description: String {
            "the ledger can't be rebuilt: the log begins at seq \(first), and no snapshot counts up to there"
        }
    }

    /// What came of opening.
    struct Opened {
        var ledger: Ledger
        /// Why an earlier ledger was set aside.
        var setAside: String?
        /// It had counted lines that the log doesn't hold any more.
        var hasLostLines = false
        /// What it begins from instead.
        var origin: Snapshots.Snapshot?
    }

    let data: DataDirectory
    let options: Ledger.Settings
    let quarantine: Quarantine
    let snapshots: Snapshots
    var path: String { data.ledger }
    /// Where one is made that is to take its place.
    var beside: String { path + ".new" }

    init(_ settings: Settings, notice: @escaping @Sendable (JournalNotice) -> Void) {
        data = DataDirectory(settings.dataDirectory)
        var options = Ledger.Settings()
        options.dedupeWindow = UInt64(settings.rollup.dedupeWindow)
        options.cacheBytes = MemoryPlan.ledgerCacheBytes
        self.options = options
        quarantine = Quarantine(
            directory: data, fileSystem: PosixFileSystem(),
            limitBytes: settings.keeping.quarantineBytes, notice: notice)
        snapshots = Snapshots(data: data, kept: settings.keeping.snapshots)
    }

    /// Opens the ledger, or what takes its place.
    /// - Throws: `LedgerError`, `FileError`, `NotRebuildable`.
    func open(
        _ log: Log, notice: @escaping @Sendable (String) -> Void = { _ in },
        onDamage: @escaping @Sendable (LedgerError) -> Void = { _ in }
    ) throws -> Opened {
        try removeHalfMade()
        func opened() throws -> Ledger {
            try Ledger.open(path, settings: options, notice: notice, onDamage: onDamage)
        }
        var reason: String?
        var hasLostLines = false
        if try PosixFileSystem().sizeOfFile(path) != nil {
            do {
                let ledger = try opened()
                let counted = try ledger.load().progress.lastSeq
                if log.continues(counted) { return Opened(ledger: ledger) }
                try ledger.close()
                hasLostLines = counted > log.durable
                reason =
                    hasLostLines
                    ? "it counts up to seq \(counted), but the log ends at \(log.durable)"
                    : "it counts up to seq \(counted), but the log begins at \(log.first)"
            } catch let error as LedgerError where error.isDamage {
                reason = "\(error)"
            }
        }
        let origin = try snapshots.newest { log.continues($0) }
        guard origin != nil || log.first <= 1 else { throw NotRebuildable(first: log.first) }
        if reason != nil { try setAside() }
        if let origin { try snapshots.restore(origin, to: path) }
        return Opened(
            ledger: try opened(), setAside: reason, hasLostLines: hasLostLines, origin: origin)
    }

    /// Deletes what a crash left of copies that were being made: nobody looks into them, and whoever
    /// is forgotten must not stay in one.
    func removeHalfMade() throws(FileError) {
        let files = PosixFileSystem()
        for path in try files.list(data.root).map({ data.root + "/" + $0 })
        where path.hasPrefix(beside) {
            try files.unlink(path)
        }
        try snapshots.removeHalfMade()
    }

    /// Moves the ledger and its log into the quarantine, under names of their own.
    func setAside() throws {
        let files = PosixFileSystem()
        let stamp = SystemClock().wallMilliseconds()
        try quarantine.makeRoom(try files.sizeOfFile(path) ?? 0)
        for suffix in ["", "-wal", "-shm"] where try files.sizeOfFile(path + suffix) != nil {
            try files.rename(
                path + suffix, to: data.quarantine + "/ledger-\(stamp).sqlite" + suffix)
        }
        try files.synchronizeDirectory(data.quarantine)
        try files.synchronizeDirectory(data.root)
    }

    /// Puts a rebuilt ledger, closed, in the place of the old one.
    func replace(with rebuilt: String) throws {
        let files = PosixFileSystem()
        for suffix in ["-wal", "-shm"] where try files.sizeOfFile(path + suffix) != nil {
            try files.unlink(path + suffix)
        }
        try files.rename(rebuilt, to: path)
        try files.synchronizeDirectory(data.root)
    }

    /// The files that spare a start reading the window of ids from the log.
    static func idIndex(
        _ settings: Settings, notice: @escaping @Sendable (String) -> Void = { _ in }
    ) -> IDIndex {
        IDIndex(directory: DataDirectory(settings.dataDirectory).ids, notice: notice)
    }

    /// Key of the hashes of ids: the directory's own, so that nobody can prepare collisions.
    static func idKey(_ identity: NodeIdentity) -> HashKey {
        func word(_ range: Range<Int>) -> UInt64 {
            identity.salt[range].reduce(0) { $0 << 8 | UInt64($1) }
        }
        return HashKey(a: word(0..<8), b: word(8..<16))
    }
}
