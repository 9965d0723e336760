import CCodec

/// Raw deflate of whole member bodies, and gzip's CRC-32.
///
/// Holds all its working memory: no call allocates. One thread at a time.
package final class MemberCodec {
    package enum Backend: Sendable, CaseIterable {
        /// ISA-L at its level 1. Measured beside zlib 1: an eighth of the time, the same size.
        case isal
        case zlib
        /// For what is packed once and kept: at its level 8 a twentieth smaller than zlib's 9, in
        /// less time.
        case libdeflate

        package static var best: Backend {
            engaged_codec_best() == Int32(ENGAGED_CODEC_ISAL) ? .isal : .zlib
        }

        fileprivate var code: Int32 {
            switch self {
            case .isal: Int32(ENGAGED_CODEC_ISAL)
            case .zlib: Int32(ENGAGED_CODEC_ZLIB)
            case .libdeflate: Int32(ENGAGED_CODEC_LIBDEFLATE)
            }
        }
    }

    package enum Failure: Error, Equatable {
        /// The result needs more than the given capacity.
        case room
        /// Not a deflate stream, or one that stops in the middle.
        case data
        /// The stream ends before its input does.
        case trailing
    }

    private let codec: OpaquePointer

    /// nil: the backend is not part of this build. `level` is zlib's (1-9) or
    /// libdeflate's (1-12).
    package init?(backend: Backend, level: Int32 = 1) {
        guard let codec = engaged_codec_new(backend.code, level) else { return nil }
        self.codec = codec
    }

    package convenience init() {
        // zlib is linked always; it can only fail for want of memory.
        self.init(backend: .best)!
    }

    deinit { engaged_codec_free(codec) }

    /// Compresses `raw` into one stream and gives its length in bytes.
    package func deflate(
        _ raw: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
    ) throws(Failure) -> Int {
        try result(
            engaged_deflate(
                codec, raw.baseAddress?.assumingMemoryBound(to: UInt8.self), raw.count,
                out.baseAddress?.assumingMemoryBound(to: UInt8.self), out.count))
    }

    /// Inflates the one stream that fills `data`, at most `out.count` bytes, and gives its length.
    package func inflate(
        _ data: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
    ) throws(Failure) -> Int {
        try result(
            engaged_inflate(
                codec, data.baseAddress?.assumingMemoryBound(to: UInt8.self), data.count,
                out.baseAddress?.assumingMemoryBound(to: UInt8.self), out.count))
    }

    private func result(_ answer: Int) throws(Failure) -> Int {
        if answer >= 0 { return answer }
        switch answer {
        case Int(ENGAGED_CODEC_ROOM): throw .room
        case Int(ENGAGED_CODEC_TRAILING): throw .trailing
        default: throw .data
        }
    }
}

/// CRC-32 as gzip computes it (RFC 1952, section 8), continuing from `seed`.
package func crc32(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
    engaged_crc32(seed, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
}
