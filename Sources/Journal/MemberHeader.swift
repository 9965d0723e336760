/// The header of one member, as SegmentFormat lays it out.
package struct MemberHeader: Equatable, Sendable {
    package var kind: MemberKind
    package var flags: MemberFlags = []
    /// The whole member in bytes, header and trailer included.
    package var memberBytes: Int = 0
    package var node: UInt64
    package var firstSeq: UInt64
    package var count: UInt32 = 0
    package var dataCRC: UInt32 = 0
    package var epoch: UInt64
    /// ms since 1970 UTC.
    package var timeFirst: Int64
    package var timeLast: Int64
    /// Where the member starts in its file.
    package var offset: Int = 0
    package var chain: UInt32
    package var headerCRC: UInt32 = 0
    /// Of a rewritten file's SEAL: how often it was rewritten, and the `chain` of its first SEAL.
    package var rewrite: Rewrite?

    package struct Rewrite: Equatable, Sendable {
        package var generation: UInt32
        package var original: UInt32

        package init(generation: UInt32, original: UInt32) {
            self.generation = generation
            self.original = original
        }
    }

    package init(
        kind: MemberKind, flags: MemberFlags = [], node: UInt64, firstSeq: UInt64,
        count: UInt32 = 0, epoch: UInt64, timeFirst: Int64, timeLast: Int64, offset: Int,
        chain: UInt32, rewrite: Rewrite? = nil
    ) {
        self.kind = kind
        self.flags = flags
        self.node = node
        self.firstSeq = firstSeq
        self.count = count
        self.epoch = epoch
        self.timeFirst = timeFirst
        self.timeLast = timeLast
        self.offset = offset
        self.chain = chain
        self.rewrite = rewrite
    }

    /// The seq after the last line.
    package var endSeq: UInt64 { firstSeq &+ UInt64(count) }
    package var endOffset: Int { offset + memberBytes }
    package var headerBytes: Int {
        rewrite == nil ? SegmentFormat.headerBytes : SegmentFormat.longHeaderBytes
    }
    package var holdsLines: Bool { kind == .batch || kind == .control }

    private static let en: UInt32 = 0x0048_4e45  // "EN", 72
    private static let eg: UInt32 = 0x0008_4745  // "EG", 8

    /// Writes the header and sets `headerCRC`; memberBytes and dataCRC are set by the caller.
    package mutating func encode(into out: UnsafeMutableRawPointer) {
        func put<T: FixedWidthInteger>(_ value: T, _ at: Int) {
            out.storeBytes(of: value.littleEndian, toByteOffset: at, as: T.self)
        }
        SegmentFormat.magic.withUnsafeBytes {
            out.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
        put(UInt16(headerBytes - 12), 10)
        put(Self.en, 12)
        put(SegmentFormat.version, 16)
        put(kind.rawValue, 17)
        put(flags.rawValue, 18)
        put(UInt32(memberBytes), 20)
        put(node, 24)
        put(firstSeq, 32)
        put(count, 40)
        put(dataCRC, 44)
        put(epoch, 48)
        put(timeFirst, 56)
        put(timeLast, 64)
        put(UInt64(offset), 72)
        put(chain, 80)
        put(UInt32(0), 84)
        if let rewrite {
            put(Self.eg, 88)
            put(rewrite.generation, 92)
            put(rewrite.original, 96)
        }
        headerCRC = crc32(UnsafeRawBufferPointer(start: out, count: headerBytes))
        put(headerCRC, 84)
    }

    /// Reads the header at the start of `bytes` and checks everything that it says of itself.
    ///
    /// - Parameters:
    ///   - bytes: from the member's start as far as there are bytes; 100 are enough.
    ///   - offset: where in its file the member was found.
    package init(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(MemberFault) {
        func get<T: FixedWidthInteger>(_ at: Int, _ type: T.Type) -> T {
            T(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: type))
        }
        guard bytes.count >= SegmentFormat.headerBytes else {
            throw MemberFault(.shortHeader, "\(bytes.count) bytes left")
        }
        guard bytes[..<10].elementsEqual(SegmentFormat.magic) else {
            throw MemberFault(.magic, bytes[..<10].map(hex2).joined())
        }
        let extra = Int(get(10, UInt16.self))
        let length = 12 + extra
        guard extra == 76 || extra == 88, get(12, UInt32.self) == Self.en else {
            throw MemberFault(.extra, "XLEN \(extra)")
        }
        guard bytes.count >= length else { throw MemberFault(.shortHeader, "EG cut off") }

        let stored = get(84, UInt32.self)
        let computed = Self.crc(bytes, length)
        guard stored == computed else {
            throw MemberFault(.headerCRC, "stored \(hex8(stored)), computed \(hex8(computed))")
        }
        // From here on the header is what its writer wrote, so nothing below is a torn write.
        guard bytes[16] == SegmentFormat.version else {
            throw MemberFault(.version, "\(bytes[16])", torn: false)
        }
        guard let kind = MemberKind(rawValue: bytes[17]) else {
            throw MemberFault(.kind, "\(bytes[17])", torn: false)
        }
        let flags = MemberFlags(rawValue: get(18, UInt16.self))
        guard flags.isSubset(of: .known) else {
            throw MemberFault(.flags, "\(flags.rawValue)", torn: false)
        }
        if extra == 88 {
            guard kind == .seal, get(88, UInt32.self) == Self.eg else {
                throw MemberFault(.extra, "unexpected second subfield", torn: false)
            }
            rewrite = Rewrite(generation: get(92, UInt32.self), original: get(96, UInt32.self))
        }
        let memberBytes = get(20, UInt32.self)
        guard memberBytes >= length + 10, memberBytes <= SegmentFormat.maximumMemberBytes else {
            throw MemberFault(.memberLength, "\(memberBytes)", torn: false)
        }
        let own = get(72, UInt64.self)
        guard own == UInt64(offset) else {
            throw MemberFault(.ownOffset, "says \(own), found at \(offset)", torn: false)
        }
        self.kind = kind
        self.flags = flags
        self.memberBytes = Int(memberBytes)
        node = get(24, UInt64.self)
        firstSeq = get(32, UInt64.self)
        count = get(40, UInt32.self)
        dataCRC = get(44, UInt32.self)
        epoch = get(48, UInt64.self)
        timeFirst = get(56, Int64.self)
        timeLast = get(64, Int64.self)
        self.offset = offset
        chain = get(80, UInt32.self)
        headerCRC = stored
    }

    /// The CRC with its own four bytes taken as zero.
    private static func crc(_ bytes: UnsafeRawBufferPointer, _ length: Int) -> UInt32 {
        var zero: UInt32 = 0
        let front = crc32(UnsafeRawBufferPointer(rebasing: bytes[..<84]))
        let middle = withUnsafeBytes(of: &zero) { crc32($0, seed: front) }
        return crc32(UnsafeRawBufferPointer(rebasing: bytes[88..<length]), seed: middle)
    }
}

private func padded(_ text: String, _ count: Int) -> String {
    String(repeating: "0", count: max(0, count - text.count)) + text
}

func hex2(_ value: UInt8) -> String { padded(String(value, radix: 16), 2) }
func hex8(_ value: UInt32) -> String { padded(String(value, radix: 16), 8) }
func hex16(_ value: UInt64) -> String { padded(String(value, radix: 16), 16) }
