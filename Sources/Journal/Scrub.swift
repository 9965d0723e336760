/// Reads sealed segments again, slowly, for damage that came to them on the disk.
///
/// A start looks only at a sealed file's ends. This reads every header and checksum behind it, past
/// the page cache, so that a flipped bit is found while there is a backup to mend it from. What it
/// finds stays as it is: a copy of the range goes to the quarantine and a damage is told, once for each
/// time that it is new.
package final class Scrub {
    private let journal: Journal
    private let quarantine: Quarantine
    private let reader = MemberReader()

    package init(_ journal: Journal) {
        self.journal = journal
        quarantine = Quarantine(
            directory: journal.directory, fileSystem: journal.fileSystem,
            limitBytes: journal.limits.quarantineBytes, notice: journal.notice)
    }

    /// Names of the segments as they are now; the newest is left out, it is being written.
    package func segments() throws(FileError) -> [String] {
        try journal.directory.segmentNames(journal.fileSystem).dropLast()
    }

    /// Checks one segment, unless it isn't sealed or isn't there any more.
    ///
    /// - Parameter pace: told the bytes read so far, at least every 2 MiB; may wait.
    /// - Returns: bytes read.
    package func check(_ name: String, pace: (Int) -> Void) throws(FileError) -> Int {
        let fileSystem = journal.fileSystem
        let file: OpenFile
        do throws(FileError) {
            guard try SegmentState.ends(name, journal.directory, fileSystem) != nil else {
                return 0
            }
            file = try fileSystem.open(journal.directory.segment(name), .read)
        } catch {
            // Retention was faster.
            if error.isMissing { return 0 }
            throw error
        }
        defer { fileSystem.close(file) }
        fileSystem.forgetCached(file)
        let scan = SegmentScan(
            try SegmentBytes(fileSystem, file), name: name, reader: reader, depth: .checksums,
            progress: pace)
        fileSystem.forgetCached(file)
        if let error = scan.diskError { throw error }
        for (fault, damage) in zip(scan.faults, Damages.of(scan)) {
            let isNew = fault.bytes > 0 ? try quarantine.keep(name, fault) : false
            journal.report(damage, tellsLog: isNew)
        }
        return scan.size
    }
}
