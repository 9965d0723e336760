import Glibc
import Journal
import Summaries
import Telemetry

/// What the files of the data directory take, for the metrics: a few calls to the kernel, none of which
/// reads a byte of them.
struct FileLook: Sendable {
    private let directory: DataDirectory
    private let files = PosixFileSystem()

    init(_ directory: DataDirectory) { self.directory = directory }

    /// What can't be looked at stays as it was shown last.
    func publish(_ counters: Counters) {
        if let free = try? files.freeBytes(directory.root) { counters.diskFree.set(free) }
        counters.ledgerBytes.set(size(directory.ledger))
        counters.ledgerLogBytes.set(size(directory.ledger + "-wal"))
        if let names = try? directory.segmentNames(files) {
            counters.segments.set(names.count)
            counters.segmentBytes.set(names.reduce(0) { $0 + size(directory.segment($1)) })
        }
        let copies = (try? Snapshots(data: directory, kept: 1).list()) ?? []
        counters.snapshots.set(copies.count)
        counters.snapshotTime.set(
            copies.last.map { made(directory.snapshots + "/" + $0.name) } ?? 0)
        counters.summaryTime.set(made(Summary(dataDirectory: directory.root).path))
    }

    private func size(_ path: String) -> Int { ((try? files.sizeOfFile(path)) ?? nil) ?? 0 }

    /// Seconds since 1970 at which it was written last; 0 where it isn't.
    private func made(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mtim.tv_sec : 0
    }
}
