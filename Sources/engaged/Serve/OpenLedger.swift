import Engagement
import Glibc
import Journal
import Ledger
import Settings

/// The ledger's file in the data directory, and what to do when it can't be used: it is only a
/// view of the segments, so it is set aside and rebuilt.
struct LedgerFile {
    let data: DataDirectory
    var path: String { data.root + "/ledger.sqlite" }

    /// Opens it, or sets it aside and begins an empty one that the roll-up then fills.
    ///
    /// - Parameters:
    ///   - durable: the highest durable seq. A ledger that counts more than that has seen lines
    ///     which the log has lost.
    ///   - alarm: told why a ledger was set aside.
    func open(
        _ settings: Settings, durable: UInt64, notice: @escaping @Sendable (String) -> Void,
        alarm: (String) -> Void
    ) throws -> Ledger {
        var options = Ledger.Settings()
        options.dedupeWindow = UInt64(settings.rollup.dedupeWindow)
        do {
            let ledger = try Ledger.open(path, settings: options, notice: notice)
            let counted = try ledger.load().progress.lastSeq
            if counted <= durable { return ledger }
            try ledger.close()
            alarm("the ledger counts up to seq \(counted), but the log ends at \(durable)")
        } catch let error as LedgerError where error.isDamage {
            alarm("\(error)")
        }
        try setAside()
        return try Ledger.open(path, settings: options, notice: notice)
    }

    /// Moves the ledger and its log into the quarantine, under names of their own.
    func setAside() throws {
        let files = PosixFileSystem()
        let stamp = SystemClock().wallMilliseconds()
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

    /// Key of the hashes of ids: the directory's own, so that nobody can prepare collisions.
    static func idKey(_ identity: NodeIdentity) -> HashKey {
        func word(_ range: Range<Int>) -> UInt64 {
            identity.salt[range].reduce(0) { $0 << 8 | UInt64($1) }
        }
        return HashKey(a: word(0..<8), b: word(8..<16))
    }
}
