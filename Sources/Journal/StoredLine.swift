import ByteScan
import Engagement
import Glibc

/// The server's own fields of a stored line, which always stand first and in one form:
/// `{"seq":N,"received":"…24…","via":"…"`.
enum StoredLine {
    /// The 24 characters of `received`, to be compared without parsing.
    struct Stamp: Equatable {
        static let bytes = 24
        var a: UInt64
        var b: UInt64
        var c: UInt64

        @inline(__always)
        init(_ text: UnsafeRawPointer) {
            a = text.loadUnaligned(as: UInt64.self)
            b = text.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            c = text.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        }
    }

    struct Front {
        var stamp: Stamp
        var stampOffset: Int
        var via: Batch.Via
        /// Index of the byte after `via`'s closing quote: a comma, or the object's end.
        var end: Int
        var hasFields: Bool

        /// nil: the line doesn't start as a line with this seq does. At least 64 readable bytes
        /// must follow `limit`.
        @inline(__always)
        init?(_ base: UnsafePointer<UInt8>, _ start: Int, _ limit: Int, seq: UInt64) {
            guard var at = StoredLine.afterSeq(base, start, limit, seq), limit - at >= 50 else {
                return nil
            }
            guard word(base, at) == Texts.received, word(base, at + 5) == Texts.received5 else {
                return nil
            }
            at += 13
            stampOffset = at
            stamp = Stamp(base + at)
            at += Stamp.bytes
            guard word(base, at) == Texts.via, base[at + 8] == UInt8(ascii: "\"") else {
                return nil
            }
            at += 9
            switch UInt32(truncatingIfNeeded: word(base, at)) {
            case Texts.tcp:
                via = .tcp
                at += 4
            case Texts.udp:
                via = .udp
                at += 4
            case Texts.http where base[at + 4] == UInt8(ascii: "\""):
                via = .http
                at += 5
            case Texts.control where StoredLine.equals(base + at, 8, "control\""):
                via = .control
                at += 8
            case Texts.daemon where StoredLine.equals(base + at, 7, "daemon\""):
                via = .daemon
                at += 7
            default: return nil
            }
            guard at < limit else { return nil }
            end = at
            hasFields = base[at] == UInt8(ascii: ",")
        }
    }

    /// The constant texts as little-endian words.
    private enum Texts {
        static let seq = packed("{\"seq\":")
        static let received = packed(",\"receiv")
        static let received5 = packed("eived\":\"")
        static let via = packed("\",\"via\":")
        static let tcp = UInt32(packed("tcp\""))
        static let udp = UInt32(packed("udp\""))
        static let http = UInt32(packed("http"))
        static let control = UInt32(packed("cont"))
        static let daemon = UInt32(packed("daem"))

        static func packed(_ text: String) -> UInt64 {
            text.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    /// Index of the comma after `{"seq":N`, or nil.
    @inline(__always)
    private static func afterSeq(
        _ base: UnsafePointer<UInt8>, _ start: Int, _ limit: Int, _ seq: UInt64
    ) -> Int? {
        guard limit - start >= 9, word(base, start) & 0x00ff_ffff_ffff_ffff == Texts.seq else {
            return nil
        }
        var at = start &+ 7
        var value: UInt64 = 0
        while at < limit, base[at] &- 48 < 10 {
            value = value &* 10 &+ UInt64(base[at] &- 48)
            at &+= 1
        }
        let digits = at &- start &- 7
        guard value == seq, digits >= 1, digits <= 20, at < limit, base[at] == UInt8(ascii: ",")
        else { return nil }
        // No leading zeros: the seq is written in one way only.
        return digits == 1 || base[start &+ 7] != UInt8(ascii: "0") ? at : nil
    }

    @inline(__always)
    private static func word(_ base: UnsafePointer<UInt8>, _ at: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self))
    }

    /// Whether the text begins with `{"seq":N,`.
    static func startsWithSeq(
        _ text: UnsafePointer<UInt8>, _ count: Int, _ seq: UInt64
    ) -> Bool {
        afterSeq(text, 0, count, seq) != nil
    }

    /// The 24 characters of `received`, or nil where they aren't in their place.
    static func received(_ line: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        let front: StaticString = ",\"received\":\""
        guard let comma = line.firstIndex(of: UInt8(ascii: ",")),
            line.count - comma > front.utf8CodeUnitCount + Stamp.bytes, let base = line.baseAddress,
            memcmp(base + comma, front.utf8Start, front.utf8CodeUnitCount) == 0
        else { return nil }
        return (base + comma + front.utf8CodeUnitCount).assumingMemoryBound(to: UInt8.self)
    }

    @inline(__always)
    static func equals(_ text: UnsafePointer<UInt8>, _ count: Int, _ other: StaticString) -> Bool {
        count == other.utf8CodeUnitCount && memcmp(text, other.utf8Start, count) == 0
    }

    /// Index of the newline that ends the line at `start`, or nil.
    @inline(__always)
    static func end(_ base: UnsafePointer<UInt8>, _ start: Int, _ limit: Int) -> Int? {
        guard let hit = memchr(base + start, 10, limit - start) else { return nil }
        return UnsafeRawPointer(hit) - UnsafeRawPointer(base)
    }

    /// Whether the id is the one the server makes for this seq: `s-<seq>`.
    @inline(__always)
    static func isMadeID(_ text: UnsafePointer<UInt8>, _ count: Int, _ seq: UInt64) -> Bool {
        guard count >= 3, count <= 22, text[0] == UInt8(ascii: "s"), text[1] == UInt8(ascii: "-")
        else { return false }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { digits in
            let length = writeDecimal(seq, to: digits.baseAddress!)
            return length == count - 2 && memcmp(text + 2, digits.baseAddress!, length) == 0
        }
    }
}
