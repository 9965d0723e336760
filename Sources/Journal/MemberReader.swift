import ByteScan
import Engagement

/// Reads members and checks them. Holds the codec and the one buffer they inflate into.
package final class MemberReader {
    let codec = MemberCodec()
    /// Room for the longest body, with slack for wide loads behind it.
    let raw = UnsafeMutableRawBufferPointer.allocate(
        byteCount: SegmentFormat.maximumRawBytes + 64, alignment: 64)
    /// All keys, though three are looked at: a key the scanner knows costs less than a stranger.
    private let scanner = JSONScanner.allFields
    private let words = UnsafeMutablePointer<UInt64>.allocate(capacity: 128)

    package init() {}

    deinit {
        raw.deallocate()
        words.deallocate()
    }

    /// A whole member that holds: its header, its body's length in `raw`, its redacted lines.
    struct Checked {
        var header: MemberHeader
        var rawBytes: Int
        var redacted: UInt32
    }

    enum Refusal: Error {
        case fault(MemberFault)
        case disk(FileError)
    }

    func header(_ bytes: SegmentBytes, at offset: Int) throws(Refusal) -> MemberHeader {
        let front: UnsafeRawBufferPointer
        do throws(FileError) {
            front = try bytes.bytes(at: offset, SegmentFormat.longHeaderBytes)
        } catch { throw .disk(error) }
        do throws(MemberFault) { return try MemberHeader(front, at: offset) } catch {
            throw .fault(error)
        }
    }

    /// Inflates the body between checking data_crc and the trailer, and gives its length. The lines
    /// are not looked at.
    ///
    /// - Parameter out: where to; `raw` if nil, else room for at least 1 MiB.
    func inflate(
        _ bytes: SegmentBytes, _ header: MemberHeader, into out: UnsafeMutableRawPointer? = nil
    ) throws(Refusal) -> Int {
        let member = try whole(bytes, header)
        return try inflate(member, header, into: out ?? raw.baseAddress!)
    }

    /// Reads one member and checks its two checksums, without inflating it.
    func checkSums(_ bytes: SegmentBytes, at offset: Int) throws(Refusal) -> Checked {
        let header = try header(bytes, at: offset)
        let member = try whole(bytes, header)
        let end = member.count - SegmentFormat.trailerBytes
        try checkData(UnsafeRawBufferPointer(rebasing: member[header.headerBytes..<end]), header)
        return Checked(header: header, rawBytes: 0, redacted: 0)
    }

    /// Reads and checks everything about one member.
    func check(_ bytes: SegmentBytes, at offset: Int) throws(Refusal) -> Checked {
        let header = try header(bytes, at: offset)
        let member = try whole(bytes, header)
        let count = try inflate(member, header, into: raw.baseAddress!)
        let body = UnsafeRawBufferPointer(rebasing: raw[..<count])
        do throws(MemberFault) {
            return Checked(
                header: header, rawBytes: count, redacted: try checkLines(header, body))
        } catch { throw .fault(error) }
    }

    private func whole(
        _ bytes: SegmentBytes, _ header: MemberHeader
    ) throws(Refusal) -> UnsafeRawBufferPointer {
        let member: UnsafeRawBufferPointer
        do throws(FileError) {
            member = try bytes.bytes(at: header.offset, header.memberBytes)
        } catch { throw .disk(error) }
        guard member.count == header.memberBytes else {
            throw .fault(
                MemberFault(.shortBody, "\(member.count) of \(header.memberBytes) bytes"))
        }
        return member
    }

    private func inflate(
        _ member: UnsafeRawBufferPointer, _ header: MemberHeader,
        into out: UnsafeMutableRawPointer
    ) throws(Refusal) -> Int {
        let end = member.count - SegmentFormat.trailerBytes
        let data = UnsafeRawBufferPointer(rebasing: member[header.headerBytes..<end])
        try checkData(data, header)
        let count = try inflate(
            data,
            into: UnsafeMutableRawBufferPointer(start: out, count: SegmentFormat.maximumRawBytes))
        // The trailer lies outside data_crc, so a torn write can leave it damaged.
        func stored(_ at: Int) -> UInt32 {
            UInt32(littleEndian: member.loadUnaligned(fromByteOffset: at, as: UInt32.self))
        }
        guard
            stored(end) == crc32(UnsafeRawBufferPointer(start: out, count: count)),
            stored(end + 4) == UInt32(count)
        else { throw .fault(MemberFault(.trailer, "CRC32/ISIZE of the gzip trailer")) }
        return count
    }

    private func checkData(
        _ data: UnsafeRawBufferPointer, _ header: MemberHeader
    ) throws(Refusal) {
        let computed = crc32(data)
        guard computed == header.dataCRC else {
            throw .fault(
                MemberFault(
                    .dataCRC, "stored \(hex8(header.dataCRC)), computed \(hex8(computed))"))
        }
    }

    private func inflate(
        _ data: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(Refusal) -> Int {
        do throws(MemberCodec.Failure) { return try codec.inflate(data, into: room) } catch {
            let detail =
                switch error {
                case .room: "over \(room.count)"
                case .data: "not a deflate stream"
                case .trailing: "deflate stream doesn't end at the trailer"
                }
            throw .fault(
                MemberFault(error == .room ? .rawSize : .inflate, detail, torn: false))
        }
    }

    /// Checks seqs, JSON, `via` and `received` of every line; gives how many are redacted.
    private func checkLines(
        _ header: MemberHeader, _ body: UnsafeRawBufferPointer
    ) throws(MemberFault) -> UInt32 {
        guard header.holdsLines else {
            if !body.isEmpty { throw MemberFault(.body, "must be empty", torn: false) }
            if header.kind == .head && header.count != 0 {
                throw MemberFault(.count, "HEAD counts nothing", torn: false)
            }
            return 0
        }
        var found = 0
        for byte in body where byte == UInt8(ascii: "\n") { found += 1 }
        guard body.last == UInt8(ascii: "\n"), header.count != 0, found == Int(header.count) else {
            throw MemberFault(.count, "\(found) lines, header says \(header.count)", torn: false)
        }
        if header.kind == .control && header.count != 1 {
            throw MemberFault(.count, "CONTROL holds one line", torn: false)
        }
        return try checkEach(header, body)
    }

    private func checkEach(
        _ header: MemberHeader, _ body: UnsafeRawBufferPointer
    ) throws(MemberFault) -> UInt32 {
        let base = body.baseAddress!.assumingMemoryBound(to: UInt8.self)
        var at = 0
        var redacted: UInt32 = 0
        var times = TimeSpan()
        for i in 0..<Int(header.count) {
            let seq = header.firstSeq &+ UInt64(i)
            guard StoredLine.startsWithSeq(base + at, body.count - at, seq) else {
                throw MemberFault(
                    .lineSeq, "line \(i) doesn't start with {\"seq\":\(seq),", torn: false)
            }
            let scan = scanner.scan(base, from: at, limit: body.count, offsetDelta: 0, into: words)
            guard scan.outcome == .object else {
                throw MemberFault(.json, "line \(i)", torn: false)
            }
            var isControl = false
            var hasTime = false
            for n in 0..<scan.wordCount {
                let word = FieldWord(bits: words[n])
                let text = base + word.offset
                switch word.id {
                case Field.via.rawValue where word.kind == .text:
                    isControl = StoredLine.equals(text, word.length, "control")
                case Field.received.rawValue where word.kind == .text:
                    hasTime = times.add(text, word.length)
                case Field.redacted.rawValue where word.kind == .true: redacted += 1
                default: break
                }
            }
            guard isControl == (header.kind == .control) else {
                throw MemberFault(.via, "line \(i)", torn: false)
            }
            guard hasTime else { throw MemberFault(.times, "line \(i)", torn: false) }
            at = scan.next
        }
        guard times.earliest == header.timeFirst, times.latest == header.timeLast else {
            throw MemberFault(
                .times, "t_first and t_last aren't the earliest and latest line", torn: false)
        }
        return redacted
    }
}
