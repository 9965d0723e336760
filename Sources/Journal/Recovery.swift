/// Makes the journal whole before a new epoch begins.
///
/// Rules (SegmentFormat has the reason): damage with something valid behind it is corruption and
/// stays as it is, copied to the quarantine and told of; damage at the end of the last file is a
/// torn write, copied and cut off. Files that hold get a SEAL. Every step may be cut short and run
/// again; a second run without events between changes no byte.
///
/// Decision: a damage is told of in a CONTROL line only together with the next events (the journal
/// makes no file without a line for it, and a restart loop must not fill the disk with reports);
/// what has been told is read back from the openings of later segments.
struct Recovery {
    let directory: DataDirectory
    let fileSystem: any FileSystem
    let clock: any Clock
    let notice: @Sendable (JournalNotice) -> Void
    let quarantine: Quarantine
    var report = RecoveryReport()

    init(
        directory: DataDirectory, fileSystem: any FileSystem, clock: any Clock,
        quarantineBytes: Int, notice: @escaping @Sendable (JournalNotice) -> Void
    ) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.clock = clock
        self.notice = notice
        quarantine = Quarantine(
            directory: directory, fileSystem: fileSystem, limitBytes: quarantineBytes,
            notice: notice)
    }

    /// - Parameter freeingBallast: on a full disk give up the ballast and run again.
    mutating func run(freeingBallast: Bool) throws(FileError) -> RecoveryReport {
        report = RecoveryReport()
        do throws(FileError) {
            try recover()
            return report
        } catch {
            var ballast = Ballast(path: directory.ballast, bytes: 0, fileSystem: fileSystem)
            guard freeingBallast, error.isNoRoom, ballast.release() else { throw error }
            return try run(freeingBallast: false)
        }
    }

    private mutating func recover() throws(FileError) {
        try removeTemporaries()
        let names = try directory.segmentNames(fileSystem)
        let reader = MemberReader()
        var states: [SegmentState] = []
        for name in names.reversed() {
            states.append(
                try SegmentState.read(name, next: states.last, directory, fileSystem, reader))
        }
        states.reverse()
        for i in states.indices {
            try repair(&states[i], next: i + 1 < states.count ? states[i + 1] : nil)
        }
        if let last = states.last, last.isEmptyAndSound {
            try remove(last)
            states.removeLast()
        }
        link(states)
        conclude(states)
        try findUnreported(names, reader)
    }

    /// Half-made files hold nothing acknowledged.
    private func removeTemporaries() throws(FileError) {
        for room in [directory.segments, directory.quarantine] {
            let left = try fileSystem.list(room).filter { $0.hasSuffix(".tmp") }
            for name in left { try fileSystem.unlink(room + "/" + name) }
            if !left.isEmpty { try fileSystem.synchronizeDirectory(room) }
        }
    }

    /// Brings one file without SEAL to its end.
    private mutating func repair(
        _ state: inout SegmentState, next: SegmentState?
    ) throws(FileError) {
        guard var scan = state.scan else { return }
        // Cut to nothing by a recovery that was itself cut short before it could remove the file.
        if scan.size == 0, next == nil { scan.faults = [] }
        let voidFrom = next?.head.flatMap { $0.flags.contains(.retry) ? $0.firstSeq : nil }
        if let voidFrom, scan.seal == nil { markVoid(&scan, from: voidFrom) }
        if let torn = scan.torn, next != nil, voidFrom == nil {
            scan.fault(.tornNotLast, at: torn.offset, bytes: torn.bytes, torn.code.rawValue)
            scan.torn = nil
        }
        guard scan.faults.isEmpty else {
            // Never cut, never sealed: a copy of what is damaged, and the file stays.
            if let torn = scan.torn { scan.faults.append(torn) }
            scan.torn = nil
            state.scan = scan
            for fault in scan.faults where fault.bytes > 0 {
                try quarantine.keep(scan.name, fault)
            }
            return report.damages += Damages.of(scan)
        }
        if let torn = scan.torn {
            try quarantine.keep(scan.name, torn)
            try cut(scan.name, at: torn.offset)
            report.torn.append(scan.name)
            notice(
                voidFrom == nil
                    ? .tornTail(file: scan.name, offset: torn.offset, bytes: torn.bytes)
                    : .voidCopy(file: scan.name, offset: torn.offset, bytes: torn.bytes))
            scan.torn = nil
            scan.size = torn.offset
        }
        state.scan = scan
        // A file with no HEAD left, or with a HEAD alone at the very end, goes: see `remove`.
        if scan.head == nil || (next == nil && scan.lineCount == 0) || scan.seal != nil { return }
        try seal(&scan)
        state.scan = scan
    }

    /// Turns members that were written again elsewhere, and all behind them, into one tail to cut.
    private func markVoid(_ scan: inout SegmentScan, from seq: UInt64) {
        let void = scan.members.filter { $0.header.holdsLines && $0.header.endSeq > seq }
        guard let first = void.first?.header else { return }
        if first.firstSeq < seq {
            return scan.fault(
                .straddle, at: first.offset, bytes: first.memberBytes, "part of the member is void")
        }
        guard scan.faults.isEmpty else { return }
        scan.members.removeAll { $0.header.offset >= first.offset }
        scan.torn = SegmentScan.Fault(
            offset: first.offset, bytes: scan.size - first.offset, code: .shortBody,
            detail: "void copy")
    }

    private func cut(_ name: String, at offset: Int) throws(FileError) {
        let file = try fileSystem.open(directory.segment(name), .readWrite)
        defer { fileSystem.close(file) }
        try fileSystem.truncate(file, to: offset)
        try fileSystem.synchronize(file)
    }

    private mutating func seal(_ scan: inout SegmentScan) throws(FileError) {
        guard let head = scan.head, let link = scan.link else { return }
        let body = scan.members.map(\.header).filter(\.holdsLines)
        var header = MemberHeader(
            kind: .seal, flags: head.flags.intersection(.rewritten).union(.recovered),
            node: head.node, firstSeq: head.firstSeq, count: UInt32(scan.lineCount),
            epoch: head.epoch, timeFirst: body.map(\.timeFirst).min() ?? head.timeFirst,
            timeLast: body.map(\.timeLast).max() ?? head.timeLast, offset: scan.size, chain: link)
        let bytes = MemberBuffer.empty(&header)
        let file = try fileSystem.open(directory.segment(scan.name), .readWrite)
        defer { fileSystem.close(file) }
        var failure: FileError?
        bytes.withUnsafeBytes { buffer in
            do throws(FileError) { try fileSystem.writeAll(file, buffer, at: scan.size) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        try fileSystem.synchronizeData(file)
        scan.members.append(SegmentScan.Member(header: header, redacted: 0))
        scan.size += bytes.count
        report.sealed.append(scan.name)
        notice(.sealedByRecovery(file: scan.name))
    }

    /// A last file that came to nothing: its name is wanted for the next one.
    private mutating func remove(_ state: SegmentState) throws(FileError) {
        try fileSystem.unlink(directory.segment(state.name))
        try fileSystem.synchronizeDirectory(directory.segments)
        report.removed.append(state.name)
        notice(.removedEmpty(file: state.name))
    }

    /// What neighbours say of each other; nothing is changed for it.
    private mutating func link(_ states: [SegmentState]) {
        for (a, b) in zip(states, states.dropFirst()) {
            for fault in SegmentLinks.faults(from: a.end, isDamaged: a.isDamaged, to: b.head) {
                report.damages.append(
                    Damages.between(b.name, fault, end: a.end?.endSeq, next: b.head?.firstSeq))
            }
        }
    }

    private mutating func conclude(_ states: [SegmentState]) {
        report.segmentCount = states.count
        for state in states {
            report.nextSeq = max(report.nextSeq, state.claimedEndSeq)
            report.lastEpoch = max(report.lastEpoch, state.head?.epoch ?? 0)
            if let node = state.head?.node { report.node = node }
            if let link = state.end?.link { report.chain = link }
        }
        // A damaged file keeps its name, so that seq can't begin another.
        if let last = states.last, last.firstSeq >= report.nextSeq {
            report.nextSeq = last.firstSeq + 1
        }
        for damage in report.damages { notice(.damaged(damage)) }
    }

    /// Which damages no later segment's opening lines tell of.
    private mutating func findUnreported(
        _ names: [String], _ reader: MemberReader
    ) throws(FileError) {
        guard !report.damages.isEmpty else { return }
        var told: [UInt8] = []
        for name in names where !report.removed.contains(name) {
            told += try SegmentState.openingControls(name, directory, fileSystem, reader)
        }
        report.unreported = told.withUnsafeBytes { told in
            report.damages.filter {
                find(Array(ControlLine.quarantineKey($0).utf8), in: told) == nil
            }
        }
    }
}
