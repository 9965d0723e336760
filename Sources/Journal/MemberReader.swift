import ByteScan
import Engagement

/// Reads members and checks them. Holds the codec and the one buffer they inflate into.
package final class MemberReader {
    let codec = MemberCodec()
    /// Room for the longest body, with slack for wide loads behind it.
    let raw = UnsafeMutableRawBufferPointer.allocate(
        byteCount: SegmentFormat.maximumRawBytes + 64, alignment: 64)
    private let scanner = JSONScanner(
        keys: [Field.received, .via, .redacted].map { ($0.key, $0.rawValue) })
    private let words = UnsafeMutablePointer<UInt64>.allocate(capacity: 8)

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

    /// Inflates the body after checking data_crc, and gives its length. The trailer and the lines
    /// are not looked at.
    ///
    /// - Parameter out: where to; `raw` if nil, else room for at least 1 MiB.
    func inflate(
        _ bytes: SegmentBytes, _ header: MemberHeader, into out: UnsafeMutableRawPointer? = nil
    ) throws(Refusal) -> Int {
        let member = try whole(bytes, header)
        return try inflate(data(member, header), header, into: out ?? raw.baseAddress!)
    }

    /// Reads and checks everything about one member.
    func check(_ bytes: SegmentBytes, at offset: Int) throws(Refusal) -> Checked {
        let header = try header(bytes, at: offset)
        let member = try whole(bytes, header)
        let count = try inflate(data(member, header), header, into: raw.baseAddress!)
        let body = UnsafeRawBufferPointer(rebasing: raw[..<count])
        // The trailer lies outside data_crc, so a torn write can leave it damaged.
        let trailer = member.count - SegmentFormat.trailerBytes
        guard
            UInt32(littleEndian: member.loadUnaligned(fromByteOffset: trailer, as: UInt32.self))
                == crc32(body),
            UInt32(littleEndian: member.loadUnaligned(fromByteOffset: trailer + 4, as: UInt32.self))
                == UInt32(count)
        else { throw .fault(MemberFault(.trailer, "CRC32/ISIZE of the gzip trailer")) }
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

    private func data(
        _ member: UnsafeRawBufferPointer, _ header: MemberHeader
    ) -> UnsafeRawBufferPointer {
        let end = member.count - SegmentFormat.trailerBytes
        return UnsafeRawBufferPointer(rebasing: member[header.headerBytes..<end])
    }

    private func inflate(
        _ data: UnsafeRawBufferPointer, _ header: MemberHeader,
        into out: UnsafeMutableRawPointer
    ) throws(Refusal) -> Int {
        let computed = crc32(data)
        guard computed == header.dataCRC else {
            throw .fault(
                MemberFault(
                    .dataCRC, "stored \(hex8(header.dataCRC)), computed \(hex8(computed))"))
        }
        do throws(MemberCodec.Failure) {
            let room = UnsafeMutableRawBufferPointer(
                start: out, count: SegmentFormat.maximumRawBytes)
            return try codec.inflate(data, into: room)
        } catch {
            switch error {
            case .room:
                throw .fault(
                    MemberFault(.rawSize, "over \(SegmentFormat.maximumRawBytes)", torn: false))
            case .data: throw .fault(MemberFault(.inflate, "not a deflate stream", torn: false))
            case .trailing:
                throw .fault(
                    MemberFault(
                        .inflate, "deflate stream doesn't end at the trailer", torn: false))
            }
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
        var earliest = Int64.max
        var latest = Int64.min
        for i in 0..<Int(header.count) {
            let want = "{\"seq\":\(header.firstSeq &+ UInt64(i)),"
            guard StoredLine.starts(base + at, body.count - at, with: want) else {
                throw MemberFault(
                    .lineSeq, "line \(i) doesn't start with \(want)", torn: false)
            }
            let scan = scanner.scan(base, from: at, limit: body.count, offsetDelta: 0, into: words)
            guard scan.outcome == .object else {
                throw MemberFault(.json, "line \(i)", torn: false)
            }
            var isControl = false
            var received: Int64?
            for word in (0..<scan.wordCount).map({ FieldWord(bits: words[$0]) }) {
                let text = UnsafeRawBufferPointer(start: base + word.offset, count: word.length)
                switch Field(rawValue: word.id) {
                case .via:
                    isControl = word.kind == .text && text.elementsEqual("control".utf8)
                case .received where word.kind == .text && word.length == 24:
                    received = parseTimestamp(base + word.offset, word.length)
                case .redacted where word.kind == .true: redacted += 1
                default: break
                }
            }
            guard isControl == (header.kind == .control) else {
                throw MemberFault(.via, "line \(i)", torn: false)
            }
            guard let received else { throw MemberFault(.times, "line \(i)", torn: false) }
            earliest = min(earliest, received)
            latest = max(latest, received)
            at = scan.next
        }
        guard earliest == header.timeFirst, latest == header.timeLast else {
            throw MemberFault(
                .times, "t_first and t_last aren't the earliest and latest line", torn: false)
        }
        return redacted
    }
}
