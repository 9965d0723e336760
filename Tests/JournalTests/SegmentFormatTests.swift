import Foundation
import Journal
import Testing

@Suite struct SegmentFormatTests {
    private static let lines = [
        #"{"seq":1,"received":"2026-01-01T00:00:00.001Z","via":"tcp","type":"page_view","#
            + #""id":"ev-0001","site":"shop","customer":"c-ann","url":"https://shop.example/p/1"}"#,
        #"{"seq":2,"received":"2026-01-01T00:00:00.002Z","via":"tcp","type":"page_view","#
            + #""id":"ev-0002","site":"shop","customer":"c-zoë","url":"https://shop.example/p/2"}"#,
    ]

    /// HEAD, BATCH, SEAL as the writer frames them, with `data` as the deflate bytes of `raw`.
    private func segment(raw: [UInt8], data: [UInt8]) -> [UInt8] {
        let node: UInt64 = 0x0123_4567_89ab_cdef
        let t: Int64 = 1_767_225_600_001
        func member(_ header: inout MemberHeader, _ data: [UInt8], _ raw: [UInt8]) -> [UInt8] {
            header.memberBytes = header.headerBytes + data.count + 8
            header.dataCRC = data.withUnsafeBytes { crc32($0) }
            var front = [UInt8](repeating: 0, count: header.headerBytes)
            front.withUnsafeMutableBytes { header.encode(into: $0.baseAddress!) }
            var trailer = [UInt8](repeating: 0, count: 8)
            trailer.withUnsafeMutableBytes {
                $0.storeBytes(of: raw.withUnsafeBytes { crc32($0) }, as: UInt32.self)
                $0.storeBytes(of: UInt32(raw.count), toByteOffset: 4, as: UInt32.self)
            }
            return front + data + trailer
        }
        var head = MemberHeader(
            kind: .head, node: node, firstSeq: 1, epoch: 1, timeFirst: t, timeLast: t, offset: 0,
            chain: 0)
        var file = member(&head, SegmentFormat.emptyData, [])
        var body = MemberHeader(
            kind: .batch, node: node, firstSeq: 1, count: 2, epoch: 1, timeFirst: t,
            timeLast: t + 1, offset: file.count, chain: head.headerCRC)
        file += member(&body, data, raw)
        var seal = MemberHeader(
            kind: .seal, node: node, firstSeq: 1, count: 2, epoch: 1, timeFirst: t,
            timeLast: t + 1, offset: file.count, chain: body.headerCRC)
        return file + member(&seal, SegmentFormat.emptyData, [])
    }

    @Test func `a stored block gives the golden bytes`() throws {
        let raw = [UInt8](Self.lines.map { $0 + "\n" }.joined().utf8)
        let length = [UInt8(raw.count & 255), UInt8(raw.count >> 8)]
        let made = segment(raw: raw, data: [1] + length + length.map { ~$0 } + raw)
        let golden = FileManager.default.contents(
            atPath: Fixtures.segments + "/two-events-stored/seg-00000000000000000001.ndjson.gz")
        #expect(made == [UInt8](try #require(golden)))
    }

    @Test func `the worked example on the format's page is the fixture's bytes`() throws {
        let page = try String(
            contentsOfFile: Fixtures.root + "/schemas/segment.md", encoding: .utf8)
        var dumped: [UInt8] = []
        for line in page.split(separator: "\n") {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard let at = parts.first, at.count == 4, Int(at, radix: 16) == dumped.count else {
                continue
            }
            // The bytes end where two spaces begin the label.
            for part in parts.dropFirst(2) {
                guard part.count == 2, let byte = UInt8(part, radix: 16) else { break }
                dumped.append(byte)
            }
        }
        let fixture = FileManager.default.contents(
            atPath: Fixtures.segments + "/two-events/seg-00000000000000000001.ndjson.gz")
        #expect(dumped == [UInt8](try #require(fixture)))
    }

    @Test func `the page lists every verdict code`() throws {
        let page = try String(
            contentsOfFile: Fixtures.root + "/schemas/segment.md", encoding: .utf8)
        for code in SegmentCode.allCases where code != .notClean && code != .unreadable {
            #expect(page.contains("`\(code.rawValue)`"), "\(code.rawValue)")
        }
    }

    @Test func `a header reads back as it was written`() throws {
        var header = MemberHeader(
            kind: .seal, flags: [.rewritten], node: .max, firstSeq: 1 << 60, count: .max,
            epoch: 77, timeFirst: -1, timeLast: 5, offset: 1 << 33, chain: 0xdead_beef,
            rewrite: .init(generation: 3, original: 0x0102_0304))
        header.memberBytes = 110
        var bytes = [UInt8](repeating: 0, count: header.headerBytes)
        bytes.withUnsafeMutableBytes { header.encode(into: $0.baseAddress!) }
        #expect(try bytes.withUnsafeBytes { try MemberHeader($0, at: 1 << 33) } == header)
        for i in bytes.indices {
            var flipped = bytes
            flipped[i] ^= 1
            #expect(throws: MemberFault.self) {
                _ = try flipped.withUnsafeBytes { try MemberHeader($0, at: 1 << 33) }
            }
        }
    }

    @Test(arguments: [1, 42, UInt64.max]) func `a segment's name holds its first seq`(
        _ seq: UInt64
    ) {
        let name = SegmentFormat.fileName(firstSeq: seq)
        #expect(SegmentFormat.firstSeq(fileName: name) == seq)
        #expect(SegmentFormat.firstSeq(fileName: name + ".tmp") == nil)
        #expect(SegmentFormat.firstSeq(fileName: "seg-1.ndjson.gz") == nil)
        #expect(SegmentFormat.firstSeq(fileName: "seg-99999999999999999999.ndjson.gz") == nil)
    }
}
