extension Journal {
    /// Keeps a copy of every damaged range that a check found, each once; the files stay as they
    /// are.
    ///
    /// - Returns: how many copies are new.
    package func setAside(_ report: JournalReport) throws(FileError) -> Int {
        let quarantine = Quarantine(
            directory: directory, fileSystem: fileSystem, limitBytes: limits.quarantineBytes,
            notice: notice)
        var new = 0
        for damage in report.damages where damage.bytes > 0 {
            let fault = SegmentScan.Fault(
                offset: damage.offset, bytes: damage.bytes, code: damage.code,
                detail: damage.detail)
            if try quarantine.keep(damage.file, fault) { new += 1 }
        }
        return new
    }
}
