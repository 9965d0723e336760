import Journal

/// A body as a client sends it with `Content-Encoding: gzip`. Source: RFC 1952.
package enum Gzip {
    package static func pack(_ raw: [UInt8]) throws -> [UInt8] {
        var out = [UInt8](repeating: 0, count: raw.count + raw.count / 4 + 1_024)
        let codec = MemberCodec()
        let count = try raw.withUnsafeBytes { raw in
            try out.withUnsafeMutableBytes { try codec.deflate(raw, into: $0) }
        }
        let crc = raw.withUnsafeBytes { crc32($0) }
        return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255] + out[..<count]
            + littleEndian(crc) + littleEndian(UInt32(truncatingIfNeeded: raw.count))
    }

    private static func littleEndian(_ value: UInt32) -> [UInt8] {
        [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
