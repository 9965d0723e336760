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

        /// nil: the line doesn't start as a line with this seq does.
        init?(_ base: UnsafePointer<UInt8>, _ start: Int, _ limit: Int, seq: UInt64) {
            guard limit - start >= 58, starts(base + start, limit - start, with: "{\"seq\":") else {
                return nil
            }
            var at = start + 7
            var value: UInt64 = 0
            while at < limit, base[at] &- 48 < 10 {
                value = value &* 10 &+ UInt64(base[at] &- 48)
                at &+= 1
            }
            guard value == seq, starts(base + at, limit - at, with: ",\"received\":\""),
                limit - at >= 13 + Stamp.bytes
            else { return nil }
            at += 13
            stampOffset = at
            stamp = Stamp(base + at)
            at += Stamp.bytes
            guard starts(base + at, limit - at, with: "\",\"via\":\"") else { return nil }
            at += 9
            let rest = limit - at
            if starts(base + at, rest, with: "tcp\"") {
                via = .tcp
                at += 4
            } else if starts(base + at, rest, with: "http\"") {
                via = .http
                at += 5
            } else if starts(base + at, rest, with: "udp\"") {
                via = .udp
                at += 4
            } else if starts(base + at, rest, with: "control\"") {
                via = .control
                at += 8
            } else {
                return nil
            }
            guard at < limit else { return nil }
            end = at
            hasFields = base[at] == UInt8(ascii: ",")
        }
    }

    /// Whether the text begins with `front`.
    @inline(__always)
    static func starts(
        _ text: UnsafePointer<UInt8>, _ count: Int, with front: StaticString
    ) -> Bool {
        let length = front.utf8CodeUnitCount
        return count >= length && memcmp(text, front.utf8Start, length) == 0
    }

    static func starts(_ text: UnsafePointer<UInt8>, _ count: Int, with front: String) -> Bool {
        var front = front
        return front.withUTF8 { count >= $0.count && memcmp(text, $0.baseAddress!, $0.count) == 0 }
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
