import Journal
import Testing

@Suite struct CodecTests {
    static let backends = MemberCodec.Backend.allCases.filter { MemberCodec(backend: $0) != nil }

    private static func text(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        return (0..<count).map { i in
            if i % 7 < 5 { return UInt8(ascii: "a") &+ UInt8(i % 23) }
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    private static func deflate(_ raw: [UInt8], _ codec: MemberCodec) throws -> [UInt8] {
        var out = [UInt8](repeating: 0, count: raw.count + raw.count / 4 + 1_024)
        let count = try raw.withUnsafeBytes { raw in
            try out.withUnsafeMutableBytes { try codec.deflate(raw, into: $0) }
        }
        return Array(out[..<count])
    }

    private static func inflate(
        _ data: [UInt8], _ codec: MemberCodec, room: Int
    ) throws -> [UInt8] {
        var out = [UInt8](repeating: 0, count: room)
        let count = try data.withUnsafeBytes { data in
            try out.withUnsafeMutableBytes { try codec.inflate(data, into: $0) }
        }
        return Array(out[..<count])
    }

    @Test(arguments: backends, [0, 1, 100, 65_535, 65_536, 262_144, 1 << 20])
    func `what one backend deflates every backend inflates`(
        _ backend: MemberCodec.Backend, _ count: Int
    ) throws {
        let raw = Self.text(count, seed: 5)
        let data = try Self.deflate(raw, try #require(MemberCodec(backend: backend)))
        for other in Self.backends {
            let codec = try #require(MemberCodec(backend: other))
            // Exactly as much room as needed, twice: nothing is left over from a call.
            #expect(try Self.inflate(data, codec, room: count) == raw)
            #expect(try Self.inflate(data, codec, room: count) == raw)
        }
    }

    @Test(arguments: backends) func `inflating is bounded, and data must end where the stream does`(
        _ backend: MemberCodec.Backend
    ) throws {
        let codec = try #require(MemberCodec(backend: backend))
        let raw = Self.text(100_000, seed: 9)
        let data = try Self.deflate(raw, codec)
        #expect(throws: MemberCodec.Failure.room) {
            try Self.inflate(data, codec, room: raw.count - 1)
        }
        #expect(throws: MemberCodec.Failure.data) {
            try Self.inflate(Array(data.dropLast(20)), codec, room: raw.count + 10)
        }
        #expect(throws: MemberCodec.Failure.trailing) {
            try Self.inflate(data + [0, 0], codec, room: raw.count)
        }
        #expect(throws: MemberCodec.Failure.data) {
            try Self.inflate([0xff, 0xff, 0xff], codec, room: 100)
        }
        #expect(throws: MemberCodec.Failure.room) {
            var small = [UInt8](repeating: 0, count: 10)
            _ = try raw.withUnsafeBytes { raw in
                try small.withUnsafeMutableBytes { try codec.deflate(raw, into: $0) }
            }
        }
        // And the codec still works.
        #expect(try Self.inflate(data, codec, room: raw.count) == raw)
    }

    @Test func `the checksum is gzip's`() {
        let text = Array("123456789".utf8)
        #expect(text.withUnsafeBytes { crc32($0) } == 0xcbf4_3926)
        let front = text.prefix(4).withUnsafeBytes { crc32($0) }
        #expect(Array(text.dropFirst(4)).withUnsafeBytes { crc32($0, seed: front) } == 0xcbf4_3926)
        #expect([UInt8]().withUnsafeBytes { crc32($0) } == 0)
    }
}
