/// A member being made: room for the header, the deflated body and the trailer in one piece, so
/// that one write stores it.
///
/// The body is deflated once; the header is made anew for every attempt, because another file means
/// another offset and chain.
final class MemberBuffer {
    private let codec: MemberCodec
    private let bytes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: SegmentFormat.maximumMemberBytes, alignment: 64)
    private(set) var dataBytes = 0
    private var dataCRC: UInt32 = 0
    private var rawCRC: UInt32 = 0
    private var rawBytes = 0

    init(codec: MemberCodec = MemberCodec()) { self.codec = codec }

    deinit { bytes.deallocate() }

    /// Deflates `raw`, at most 1 MiB.
    func deflate(_ raw: UnsafeRawBufferPointer) {
        let room = UnsafeMutableRawBufferPointer(
            rebasing: bytes[SegmentFormat.headerBytes..<(bytes.count - SegmentFormat.trailerBytes)])
        // Deflate can't double 1 MiB: a stored block costs five bytes in 65,535, and ISA-L's worst
        // code is 15 bits a byte.
        dataBytes = try! codec.deflate(raw, into: room)
        rawBytes = raw.count
        rawCRC = crc32(raw)
        dataCRC = crc32(UnsafeRawBufferPointer(rebasing: room[..<dataBytes]))
    }

    /// Completes `header` and gives the whole member. Valid until the next call.
    func frame(_ header: inout MemberHeader) -> UnsafeRawBufferPointer {
        let end = SegmentFormat.headerBytes + dataBytes
        header.memberBytes = end + SegmentFormat.trailerBytes
        header.dataCRC = dataCRC
        header.encode(into: bytes.baseAddress!)
        let trailer = bytes.baseAddress! + end
        trailer.storeBytes(of: rawCRC.littleEndian, as: UInt32.self)
        trailer.storeBytes(of: UInt32(rawBytes).littleEndian, toByteOffset: 4, as: UInt32.self)
        return UnsafeRawBufferPointer(rebasing: bytes[..<header.memberBytes])
    }

    /// A HEAD or SEAL: a member without a body.
    static func empty(_ header: inout MemberHeader) -> [UInt8] {
        let data = SegmentFormat.emptyData
        let length = header.headerBytes
        header.memberBytes = length + data.count + SegmentFormat.trailerBytes
        header.dataCRC = data.withUnsafeBytes { crc32($0) }
        var made = [UInt8](repeating: 0, count: header.memberBytes)
        made.replaceSubrange(length..<(length + data.count), with: data)
        made.withUnsafeMutableBytes { header.encode(into: $0.baseAddress!) }
        return made
    }
}
