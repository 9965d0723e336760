/// Reads every segment whole and checks it by itself and against its neighbours.
///
/// - Parameters:
///   - directory: a data directory that holds `segments/`, or the segments directory itself.
///   - progress: bytes read so far, and of how many.
/// - Throws: `FileError` where a directory can't be listed or a file opened.
package func verifyJournal(
    directory: String, fileSystem: any FileSystem = PosixFileSystem(),
    progress: (Int, Int) -> Void = { _, _ in }
) throws -> JournalReport {
    var check = try JournalCheck(directory, fileSystem)
    return try check.run(progress)
}

/// The verdicts are the format's own: schemas/segment.md, "Verdicts". Two files at a time are
/// held, so that a long journal takes no more memory than a short one.
struct JournalCheck {
    private struct Subject {
        var scan: SegmentScan
        var linkFaults: [SegmentScan.Fault] = []
        var void: [SegmentScan.Fault] = []
    }

    private let directory: String
    private let fileSystem: any FileSystem
    private var report = JournalReport()

    init(_ directory: String, _ fileSystem: any FileSystem) throws(FileError) {
        let below = DataDirectory(directory).segments
        self.directory = try fileSystem.sizeOfFile(below) == nil ? directory : below
        self.fileSystem = fileSystem
    }

    mutating func run(_ progress: (Int, Int) -> Void) throws -> JournalReport {
        let names = try DataDirectory.segmentNames(in: directory, fileSystem)
        report.strays = try fileSystem.list(directory)
            .filter { SegmentFormat.firstSeq(fileName: $0) == nil && !$0.hasPrefix(".") }.sorted()
        var total = 0
        for name in names { total += try fileSystem.sizeOfFile(directory + "/" + name) ?? 0 }

        let reader = MemberReader()
        var done = 0
        var previous: Subject?
        for name in names {
            // Retention may delete the oldest ones meanwhile.
            guard let file = try openIfThere(directory + "/" + name) else { continue }
            defer { fileSystem.close(file) }
            let scan = SegmentScan(
                try SegmentBytes(fileSystem, file), name: name, reader: reader
            ) { progress(done + $0, total) }
            done += scan.size
            progress(done, total)
            var subject = Subject(scan: scan)
            if var before = previous {
                link(&before, &subject)
                add(before)
            }
            previous = subject
        }
        if let previous { add(previous) }
        return report
    }

    private func openIfThere(_ path: String) throws(FileError) -> OpenFile? {
        do throws(FileError) { return try fileSystem.open(path, .read) } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    private func link(_ a: inout Subject, _ b: inout Subject) {
        var cut: UInt64?
        if let head = b.scan.head, head.flags.contains(.retry) {
            cut = head.firstSeq
            if let before = a.scan.head, a.scan.seal == nil, before.epoch != head.epoch {
                b.scan.fault(.retryEpoch, at: 0, "a retry segment continues the same epoch")
            }
        }
        if let cut, a.scan.seal == nil {
            leaveOutVoid(&a, from: cut)
        } else if let torn = a.scan.torn {
            a.scan.fault(.tornNotLast, at: torn.offset, bytes: torn.bytes, torn.code.rawValue)
            a.scan.torn = nil
        }
        if a.scan.seal == nil, cut == nil, a.scan.faults.isEmpty {
            a.scan.fault(.noSeal, at: a.scan.size, "a later segment exists")
        }
        b.linkFaults = SegmentLinks.faults(
            from: SegmentLinks.End(a.scan),
            isDamaged: !a.scan.faults.isEmpty || !a.linkFaults.isEmpty, to: b.scan.head)
    }

    private func leaveOutVoid(_ subject: inout Subject, from cut: UInt64) {
        for member in subject.scan.members.map(\.header)
        where member.holdsLines && member.endSeq > cut {
            if member.firstSeq < cut {
                subject.scan.fault(
                    .straddle, at: member.offset, bytes: member.memberBytes,
                    "part of the member is void")
            }
            subject.void.append(
                SegmentScan.Fault(
                    offset: member.offset, bytes: member.memberBytes, code: .straddle,
                    detail: "written again later"))
        }
        subject.scan.members.removeAll { $0.header.holdsLines && $0.header.endSeq > cut }
        if let torn = subject.scan.torn { subject.void.append(torn) }
        subject.scan.torn = nil
    }

    private mutating func add(_ subject: Subject) {
        let scan = subject.scan
        var damages = Damages.of(scan)
        damages += subject.linkFaults.map { SegmentDamage(file: scan.name, fault: $0) }
        report.segments.append(
            JournalReport.Segment(
                file: scan.name,
                state: !damages.isEmpty
                    ? .corrupt : scan.torn != nil ? .torn : scan.seal != nil ? .sealed : .open,
                sizeBytes: scan.size, firstSeq: scan.firstSeq, lineCount: scan.lineCount,
                epoch: scan.head?.epoch, node: scan.head?.node,
                generation: scan.seal?.rewrite?.generation ?? 0, damages: damages,
                torn: scan.torn.map { SegmentDamage(file: scan.name, fault: $0) },
                void: subject.void.map { SegmentDamage(file: scan.name, fault: $0) }))
        report.firstSeq = report.firstSeq ?? scan.firstSeq
        for member in scan.members where member.header.holdsLines {
            let count = Int(member.header.count)
            if member.header.kind == .control {
                report.control += count
            } else {
                report.events += count
                report.redacted += Int(member.redacted)
            }
            report.lastSeq = max(report.lastSeq ?? 0, member.header.endSeq - 1)
        }
    }
}
