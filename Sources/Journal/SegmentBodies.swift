/// Reads sealed segments member by member, with the checksums that a member has; the lines
/// themselves are not looked at. One thread at a time.
package final class SegmentBodies {
    let directory: DataDirectory
    let fileSystem: any FileSystem
    let reader = MemberReader()

    package init(directory: DataDirectory, fileSystem: any FileSystem) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    /// The inflated lines of one member; valid until the next.
    package struct Body {
        package let header: MemberHeader
        package let bytes: UnsafeRawBufferPointer

        package var isControl: Bool { header.kind == .control }

        /// Gives each line without its newline; 64 readable bytes follow it.
        ///
        /// - Returns: false where the lines aren't those that the header counts.
        package func lines(
            _ each: (UnsafeRawBufferPointer, UInt64) throws(SegmentRefusal) -> Void
        ) throws(SegmentRefusal) -> Bool {
            guard let start = bytes.baseAddress else { return header.count == 0 }
            let base = start.assumingMemoryBound(to: UInt8.self)
            var at = 0
            var seq = header.firstSeq
            while at < bytes.count {
                guard seq < header.endSeq, let end = StoredLine.end(base, at, bytes.count),
                    StoredLine.startsWithSeq(base + at, end - at, seq)
                else { return false }
                try each(UnsafeRawBufferPointer(rebasing: bytes[at..<end]), seq)
                at = end + 1
                seq += 1
            }
            return seq == header.endSeq
        }
    }

    /// Names of the segments that start at or before `seq`, in order.
    package func names(through seq: UInt64) throws(FileError) -> [String] {
        try directory.segmentNames(fileSystem).filter {
            (SegmentFormat.firstSeq(fileName: $0) ?? .max) <= seq
        }
    }

    /// Makes durable which files bear which names.
    package func synchronizeNames() throws(FileError) {
        try fileSystem.synchronizeDirectory(directory.segments)
    }

    /// HEAD and SEAL of a segment.
    package func ends(
        _ name: String
    ) throws(SegmentRefusal) -> (head: MemberHeader, seal: MemberHeader) {
        let ends = try onDisk { () throws(FileError) in
            try SegmentState.ends(name, directory, fileSystem)
        }
        guard let ends else { throw .unsealed(name) }
        return ends
    }

    /// Gives each body of a segment until `each` answers false.
    ///
    /// - Parameter shouldStop: asked before each member.
    package func read(
        _ name: String, shouldStop: () -> Bool = { false },
        each: (Body) throws(SegmentRefusal) -> Bool
    ) throws(SegmentRefusal) {
        var at = try ends(name).head.endOffset
        let file = try open(name)
        defer { fileSystem.close(file) }
        let bytes = try onDisk { () throws(FileError) in try SegmentBytes(fileSystem, file) }
        while true {
            if shouldStop() { throw .stopped }
            guard let body = try body(name, bytes, at) else { return }
            guard try each(body) else { return }
            at = body.header.endOffset
        }
    }

    func open(_ name: String) throws(SegmentRefusal) -> OpenFile {
        try onDisk { () throws(FileError) in
            try fileSystem.open(directory.segment(name), .read)
        }
    }

    /// nil: the SEAL.
    private func body(
        _ name: String, _ bytes: SegmentBytes, _ at: Int
    ) throws(SegmentRefusal) -> Body? {
        do throws(MemberReader.Refusal) {
            let header = try reader.header(bytes, at: at)
            if header.kind == .seal, header.endOffset == bytes.size { return nil }
            guard header.holdsLines else { throw .fault(MemberFault(.afterSeal)) }
            let count = try reader.inflate(bytes, header)
            return Body(
                header: header, bytes: UnsafeRawBufferPointer(rebasing: reader.raw[..<count]))
        } catch {
            switch error {
            case .disk(let error): throw .disk(error)
            case .fault(let fault): throw damage(name, bytes, at, fault)
            }
        }
    }

    /// All that is wrong with a file of which one fault is known.
    private func damage(
        _ name: String, _ bytes: SegmentBytes, _ at: Int, _ fault: MemberFault
    ) -> SegmentRefusal {
        let scan = SegmentScan(bytes, name: name, reader: reader)
        if let error = scan.diskError { return .disk(error) }
        let found = Damages.of(scan)
        if !found.isEmpty { return .damaged(found) }
        let known = SegmentScan.Fault(offset: at, bytes: 0, code: fault.code, detail: fault.detail)
        return .damaged([SegmentDamage(file: name, fault: known)])
    }

    /// Reads everything and checks it, each line, too.
    func check(_ name: String, shouldStop: () -> Bool) throws(SegmentRefusal) {
        let file = try open(name)
        defer { fileSystem.close(file) }
        let bytes = try onDisk { () throws(FileError) in try SegmentBytes(fileSystem, file) }
        let scan = SegmentScan(bytes, name: name, reader: reader, shouldStop: shouldStop)
        if scan.wasStopped { throw .stopped }
        if let error = scan.diskError { throw .disk(error) }
        guard scan.faults.isEmpty else { throw .damaged(Damages.of(scan)) }
        guard scan.torn == nil, scan.seal != nil else { throw .unsealed(name) }
    }
}
