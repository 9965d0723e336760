/// Everything one file says, without looking at its neighbours.
package struct SegmentScan: Sendable {
    package struct Member: Sendable {
        package var header: MemberHeader
        package var redacted: UInt32
    }

    /// Something that must not be: `bytes` from `offset` on (0: the place alone).
    package struct Fault: Equatable, Sendable {
        package var offset: Int
        package var bytes: Int
        package var code: SegmentCode
        package var detail: String
    }

    package let name: String
    package let firstSeq: UInt64
    package internal(set) var size = 0
    package internal(set) var members: [Member] = []
    package internal(set) var faults: [Fault] = []
    /// The tail, where nothing valid follows and a torn write may explain it.
    package internal(set) var torn: Fault?
    /// The largest endSeq any intact header of this file claims, its member usable or not: no seq
    /// below it may be given out again.
    package internal(set) var claimedEndSeq: UInt64 = 0
    /// The disk gave no more bytes: what stands here is of the part before.
    package private(set) var diskError: FileError?
    /// The caller wanted an end: nothing that stands here counts.
    package private(set) var wasStopped = false

    package var head: MemberHeader? {
        members.first.flatMap { $0.header.kind == .head ? $0.header : nil }
    }
    package var seal: MemberHeader? {
        members.last.flatMap { $0.header.kind == .seal ? $0.header : nil }
    }
    /// The chain value the next file's HEAD carries.
    package var link: UInt32? {
        seal.map { $0.rewrite?.original ?? $0.chain } ?? members.last?.header.headerCRC
    }
    package var lineCount: Int {
        members.reduce(0) { $0 + ($1.header.holdsLines ? Int($1.header.count) : 0) }
    }
    package var endSeq: UInt64? { members.map(\.header.endSeq).max() }

    /// How closely members are looked at.
    package enum Depth: Sendable {
        /// Headers, checksums, inflated lines.
        case lines
        /// Headers and checksums: what a disk may do to a file that was right once.
        case checksums
    }

    /// Reads the whole file. `name` is its file name, `progress` gets bytes done, `shouldStop` is asked
    /// before each member.
    package init(
        _ bytes: SegmentBytes, name: String, reader: MemberReader, depth: Depth = .lines,
        progress: (Int) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) {
        self.name = name
        firstSeq = SegmentFormat.firstSeq(fileName: name) ?? 0
        var at = 0
        while at < bytes.size {
            if shouldStop() {
                wasStopped = true
                return
            }
            do throws(MemberReader.Refusal) {
                let checked =
                    switch depth {
                    case .lines: try reader.check(bytes, at: at)
                    case .checksums: try reader.checkSums(bytes, at: at)
                    }
                members.append(Member(header: checked.header, redacted: checked.redacted))
                claimedEndSeq = max(claimedEndSeq, checked.header.endSeq)
                at = checked.header.endOffset
                progress(at)
            } catch {
                guard let next = skip(error, bytes, at, reader) else { break }
                at = next
            }
        }
        size = bytes.size
        checkOrder()
    }

    /// Notes what is wrong at `at` and gives the place to go on from, or nil at the end.
    private mutating func skip(
        _ refusal: MemberReader.Refusal, _ bytes: SegmentBytes, _ at: Int, _ reader: MemberReader
    ) -> Int? {
        do throws(FileError) {
            guard case .fault(let fault) = refusal else {
                if case .disk(let error) = refusal { throw error }
                return nil
            }
            if let header = try? reader.header(bytes, at: at) {
                claimedEndSeq = max(claimedEndSeq, header.endSeq)
            }
            let next = try Self.resync(bytes, from: at + 1, reader)
            let found = Fault(
                offset: at, bytes: (next ?? bytes.size) - at, code: fault.code,
                detail: fault.detail)
            if fault.isTornWrite && next == nil { torn = found } else { faults.append(found) }
            return next
        } catch {
            diskError = error
            faults.append(
                Fault(offset: at, bytes: 0, code: .unreadable, detail: error.description))
            return nil
        }
    }

    /// Offset of the next header that passes its own CRC, or nil. One that stands in the wrong
    /// place counts: it proves that something was written later.
    private static func resync(
        _ bytes: SegmentBytes, from: Int, _ reader: MemberReader
    ) throws(FileError) -> Int? {
        var at = from
        while let hit = try bytes.findMagic(from: at) {
            do throws(MemberReader.Refusal) {
                _ = try reader.header(bytes, at: hit)
                return hit
            } catch {
                switch error {
                case .fault(let fault): if !fault.isTornWrite { return hit }
                case .disk(let error): throw error
                }
            }
            at = hit + 1
        }
        return nil
    }

    mutating func fault(_ code: SegmentCode, at offset: Int, bytes: Int = 0, _ detail: String = "")
    {
        faults.append(Fault(offset: offset, bytes: bytes, code: code, detail: detail))
    }

    private mutating func checkOrder() {
        if let head, head.offset == 0 {
            if head.firstSeq != firstSeq { fault(.name, at: 0, "HEAD says \(head.firstSeq)") }
        } else if faults.isEmpty && torn == nil {
            fault(.noHead, at: 0)
        }
        for i in members.indices { checkOrder(of: i) }
        if seal != nil, let torn {
            fault(.afterSeal, at: torn.offset, bytes: torn.bytes, "bytes follow the SEAL")
            self.torn = nil
        }
        checkSeal()
    }

    private mutating func checkOrder(of i: Int) {
        let member = members[i].header
        func found(_ code: SegmentCode, _ detail: String = "") -> Fault {
            Fault(offset: member.offset, bytes: member.memberBytes, code: code, detail: detail)
        }
        if i > 0 && member.kind == .head { faults.append(found(.secondHead)) }
        if let head, member.node != head.node || member.epoch != head.epoch {
            faults.append(found(.foreign, "node \(hex16(member.node)) epoch \(member.epoch)"))
        }
        if member.kind == .seal && i != members.count - 1 {
            faults.append(found(.afterSeal, "members follow the SEAL"))
        }
        guard i > 0 else { return }
        let before = members[i - 1].header
        guard before.endOffset == member.offset else { return }
        if member.chain != before.headerCRC {
            faults.append(
                found(
                    .chain,
                    "carries \(hex8(member.chain)), previous member has \(hex8(before.headerCRC))"))
        }
        if member.kind != .seal && member.firstSeq != before.endSeq {
            faults.append(
                found(
                    member.firstSeq > before.endSeq ? .seqGap : .seqOverlap,
                    "expected \(before.endSeq), got \(member.firstSeq)"))
        }
    }

    private mutating func checkSeal() {
        guard let seal, let head, faults.isEmpty else { return }
        let body = members.map(\.header).filter(\.holdsLines)
        if seal.firstSeq != head.firstSeq || Int(seal.count) != lineCount {
            fault(
                .sealTotals, at: seal.offset,
                "says \(seal.firstSeq)+\(seal.count), found \(head.firstSeq)+\(lineCount)")
        } else if seal.timeFirst != body.map(\.timeFirst).min() ?? head.timeFirst
            || seal.timeLast != body.map(\.timeLast).max() ?? head.timeLast
        {
            fault(.sealTimes, at: seal.offset)
        }
    }
}
