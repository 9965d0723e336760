import CCodec
import NIOCore

/// Inflates one body as it comes, in pieces that are small however much it inflates to.
final class BodyInflater {
    /// It isn't gzip or zlib, or goes on behind its end.
    struct Broken: Error {}
    /// There is no room for one more.
    struct NoMemory: Error {}

    /// What it holds: a window of 32 KiB and about 7 KiB beside that. Source: zlib's zconf.h.
    static let bytes = 40 << 10

    private let inflater: OpaquePointer
    private let budget: MemoryBudget
    private var hasBegun = false
    private var hasEnded = false

    /// nil: nothing here inflates that.
    ///
    /// - Parameters:
    ///   - coding: the value of `Content-Encoding`. Source: RFC 9110, section 8.4.1.
    ///   - budget: has `bytes` less until this is gone.
    init?(_ coding: String, budget: MemoryBudget) throws(NoMemory) {
        guard ["gzip", "x-gzip", "deflate"].contains(coding.lowercased()) else { return nil }
        guard budget.reserve(Self.bytes) else { throw NoMemory() }
        guard let inflater = engaged_inflater_new() else {
            budget.release(Self.bytes)
            throw NoMemory()
        }
        self.inflater = inflater
        self.budget = budget
    }

    deinit {
        engaged_inflater_free(inflater)
        budget.release(Self.bytes)
    }

    /// All that was begun has come. An empty body is one, too.
    var isWhole: Bool { hasEnded || !hasBegun }

    /// - Parameters:
    ///   - piece: room for what comes out at once.
    ///   - take: gets that; false: no more is wanted.
    func inflate(
        _ packed: UnsafeBufferPointer<UInt8>, by piece: inout [UInt8],
        _ take: (UnsafeBufferPointer<UInt8>) -> Bool
    ) throws(Broken) {
        var rest = packed[...]
        // What is left in the inflater comes out with what ends the stream.
        while !rest.isEmpty {
            guard !hasEnded else { throw Broken() }
            hasBegun = true
            var (taken, ended) = (0, Int32(0))
            let input = UnsafeBufferPointer(rebasing: rest)
            let written = piece.withUnsafeMutableBufferPointer {
                engaged_inflater_go_on(
                    inflater, input.baseAddress, input.count, &taken, $0.baseAddress, $0.count,
                    &ended)
            }
            guard written >= 0 else { throw Broken() }
            rest = rest.dropFirst(taken)
            hasEnded = ended != 0
            if written > 0 {
                guard piece.withUnsafeBufferPointer({ take(.init(rebasing: $0[..<written])) })
                else { return }
            }
            if taken == 0, written == 0 { throw Broken() }
        }
    }
}
