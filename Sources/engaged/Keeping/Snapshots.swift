import Journal
import Ledger
import Synchronization

/// Copies of the ledger in `snapshots/`: what a rebuild begins from where the log's start has been
/// retired, and what makes a rebuild short where it hasn't.
///
/// `ledger-<last seq it counts, 20 digits>.sqlite`, made like any file: temporary name, sync, rename,
/// directory sync.
final class Snapshots: Sendable {
    struct Snapshot: Equatable, Sendable {
        var name: String
        /// Counts up to here.
        var lastSeq: UInt64
    }

    let data: DataDirectory
    private let kept: Atomic<Int>
    private let files = PosixFileSystem()

    private static let prefix = "ledger-"
    private static let suffix = ".sqlite"
    private static let halfMade = "new.sqlite"

    /// - Parameter kept: how many are kept.
    init(data: DataDirectory, kept: Int) {
        self.data = data
        self.kept = Atomic(kept)
    }

    /// From the next one on.
    func keep(_ count: Int) { kept.store(count, ordering: .relaxed) }

    /// Oldest first.
    func list() throws(FileError) -> [Snapshot] {
        guard try files.sizeOfFile(data.snapshots) != nil else { return [] }
        return try files.list(data.snapshots).sorted().compactMap { name in
            guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix),
                let seq = UInt64(
                    name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
            else { return nil }
            return Snapshot(name: name, lastSeq: seq)
        }
    }

    /// Makes one of the ledger as it is now, and drops the oldest beyond the number kept.
    /// - Throws: `LedgerError`, `FileError`; then nothing has changed.
    func make() throws -> Snapshot {
        if try files.sizeOfFile(data.snapshots) == nil {
            try files.makeDirectory(data.snapshots)
            try files.synchronizeDirectory(data.root)
        }
        try removeHalfMade()
        let new = path(Self.halfMade)
        let seq = try Ledger.copy(data.ledger, to: new)
        let digits = String(seq)
        let name =
            Self.prefix + String(repeating: "0", count: 20 - digits.count) + digits + Self.suffix
        try synchronize(new)
        try files.rename(new, to: path(name))
        try files.synchronizeDirectory(data.snapshots)
        let all = try list()
        for old in all.dropLast(kept.load(ordering: .relaxed)) { try files.unlink(path(old.name)) }
        return Snapshot(name: name, lastSeq: seq)
    }

    /// Deletes what a crash left of one that was being made. Nobody may be making one.
    func removeHalfMade() throws(FileError) {
        guard try files.sizeOfFile(data.snapshots) != nil else { return }
        for name in try files.list(data.snapshots) where name.hasPrefix(Self.halfMade) {
            try files.unlink(path(name))
        }
    }

    /// Deletes those that a caller has no more use for.
    func drop(where isUseless: (Snapshot) -> Bool) throws(FileError) {
        let useless = try list().filter(isUseless)
        for snapshot in useless { try files.unlink(path(snapshot.name)) }
        if !useless.isEmpty { try files.synchronizeDirectory(data.snapshots) }
    }

    /// The newest one that is sound and whose seq `fits`.
    func newest(where fits: (UInt64) -> Bool) throws(FileError) -> Snapshot? {
        for snapshot in try list().reversed() where fits(snapshot.lastSeq) {
            // A damaged one is passed over; an older one may do.
            if (try? Ledger.check(path(snapshot.name))) == snapshot.lastSeq { return snapshot }
        }
        return nil
    }

    /// Puts a copy of a snapshot where the ledger is to be; nothing may be there.
    func restore(_ snapshot: Snapshot, to ledger: String) throws(FileError) {
        let new = ledger + ".new"
        try CopiedFile.copy(path(snapshot.name), to: new)
        for rest in ["-wal", "-shm"] where try files.sizeOfFile(ledger + rest) != nil {
            try files.unlink(ledger + rest)
        }
        try files.rename(new, to: ledger)
        try files.synchronizeDirectory(data.root)
    }

    private func path(_ name: String) -> String { data.snapshots + "/" + name }

    private func synchronize(_ path: String) throws(FileError) {
        let file = try files.open(path, .readWrite)
        defer { files.close(file) }
        try files.synchronize(file)
    }
}
