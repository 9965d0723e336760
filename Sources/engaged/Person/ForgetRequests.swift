import Admission
import ByteScan
import Engagement
import Glibc
import Intake
import Journal
import Synchronization

/// What `engaged customer forget` asks of the daemon: a file for each request in `requests/`.
///
/// Who may write into the data directory may ask. The file outlives crashes of either side: it goes
/// when the person is erased, and that is how the command knows. The format is the event line that
/// will stand in the log, so that a request read twice is one event by its id.
final class ForgetRequests {
    private static let suffix = ".forget"

    private let folder: String
    private let sink: any BatchSink
    private let suppression: Suppression
    private let files: any FileSystem
    /// Those read in this life; set when their line is durable, and by then with its seq.
    private var submitted: [String: Receipt] = [:]

    private final class Receipt: Sendable {
        let seq = Atomic<UInt64>(0)
    }

    init(
        data: DataDirectory, sink: any BatchSink, suppression: Suppression, files: any FileSystem
    ) {
        folder = Self.folder(data)
        self.sink = sink
        self.suppression = suppression
        self.files = files
    }

    private static func folder(_ data: DataDirectory) -> String { data.root + "/requests" }

    /// Leaves a request, durably. - Returns: its path, which is there until it is done.
    static func leave(_ subject: String, data: DataDirectory, site: String) throws(FileError)
        -> String
    {
        let files = PosixFileSystem()
        let folder = Self.folder(data)
        if try files.sizeOfFile(folder) == nil {
            try files.makeDirectory(folder)
            hand(folder, to: data)
            try files.synchronizeDirectory(data.root)
        }
        let number = String(UInt64.random(in: .min ... .max), radix: 16)
        let name = SubjectName(subject)
        var line = OwnLine(site: name.site ?? site)
        line.put("type", "forget")
        line.put("id", "forget-\(number)")
        line.put("site", line.site)
        line.put(name.site == nil ? "customer" : "visitor", name.name)
        let path = folder + "/" + number + suffix
        let bytes = line.withBytes { Array(UnsafeBufferPointer(start: $0, count: $1)) }
        var failure: FileError?
        bytes.withUnsafeBytes { raw in
            do throws(FileError) { try files.replace(path, in: folder, with: raw) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        hand(path, to: data)
        return path
    }

    /// Root may ask a daemon that isn't root.
    private static func hand(_ path: String, to data: DataDirectory) {
        var its = stat()
        if stat(data.ledger, &its) == 0 { _ = chown(path, its.st_uid, its.st_gid) }
    }

    /// Puts new requests into the log.
    func submit() throws(FileError) {
        guard try files.sizeOfFile(folder) != nil else { return }
        for name in try files.list(folder).sorted()
        where name.hasSuffix(Self.suffix) && submitted[name] == nil {
            guard
                let bytes = try files.contents(
                    folder + "/" + name, limit: Batch.maximumLineBytes)
            else { continue }
            let receipt = Receipt()
            let batch = Batch()
            guard admit(bytes, into: batch) else {
                // Not one of ours; its name must not keep a person waiting for ever.
                try files.unlink(folder + "/" + name)
                continue
            }
            batch.settled = { batch, isDurable in
                if isDurable { receipt.seq.store(batch.firstSeq, ordering: .releasing) }
            }
            submitted[name] = receipt
            sink.submit(batch)
        }
    }

    /// Removes the requests whose line is counted, when nobody's erasure is under way.
    func settle(applied: UInt64) throws(FileError) {
        var isGone = false
        for (name, receipt) in submitted {
            let seq = receipt.seq.load(ordering: .acquiring)
            guard seq > 0, seq <= applied else { continue }
            try files.unlink(folder + "/" + name)
            submitted[name] = nil
            isGone = true
        }
        if isGone { try files.synchronizeDirectory(folder) }
    }

    private func admit(_ bytes: [UInt8], into batch: Batch) -> Bool {
        guard let site = StoredFields.cause(bytes).site else { return false }
        let padded = bytes + [UInt8](repeating: 0, count: 64)
        return padded.withUnsafeBufferPointer { raw in
            let step = Admission(suppression: suppression).admit(
                raw.baseAddress!, from: 0, limit: bytes.count,
                door: Door(via: .daemon, grant: Grant(own: site)), into: batch)
            if case .accepted = step.verdict { return true }
            return false
        }
    }
}
