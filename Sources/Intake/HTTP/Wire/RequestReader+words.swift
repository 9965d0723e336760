import Dialects
import Glibc

/// What a request's lines are made of. Source: RFC 9110, sections 5.5 and 5.6; RFC 9112, section 3.
extension RequestReader {
    static let cr: UInt8 = 13
    static let lf: UInt8 = 10
    static let tab: UInt8 = 9
    /// Up to this one in `HeaderName` a header frames its request.
    static let lastFraming = HeaderName.transferEncoding.rawValue

    /// Where the byte stands first among `count` from `start` on.
    static func index(
        of byte: UInt8, _ base: UnsafePointer<UInt8>, _ start: Int, _ count: Int
    ) -> Int? {
        UnsafeBufferPointer(start: base, count: start + count)
            .index(of: byte, in: start..<start + count)
    }

    /// Registered methods that no path takes. Source: IANA, "HTTP Method Registry".
    private static let others = Set(
        [
            "PUT", "DELETE", "PATCH", "TRACE", "COPY", "LOCK", "MKCOL", "MOVE", "PROPFIND",
            "PROPPATCH", "SEARCH", "UNLOCK", "BIND", "REBIND", "UNBIND", "ACL", "REPORT",
            "MKACTIVITY", "CHECKOUT", "MERGE", "MKCALENDAR", "LINK", "UNLINK",
        ].map { Array($0.utf8) })

    static func method(_ text: UnsafePointer<UInt8>, _ count: Int) -> RequestHead.Method? {
        let text = UnsafeBufferPointer(start: text, count: count)
        if text.isEqual(to: "GET") { return .GET }
        if text.isEqual(to: "POST") { return .POST }
        if text.isEqual(to: "HEAD") { return .HEAD }
        if text.isEqual(to: "OPTIONS") { return .OPTIONS }
        guard count <= 16 else { return nil }
        return others.contains(Array(text)) ? .other : nil
    }

    /// RFC 9112, 3.2: origin form, asterisk form, or an absolute one without users and oddities.
    static func isTarget(_ target: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in target where byte &- 33 > 93 || byte == UInt8(ascii: "#") { return false }
        switch target.first {
        case UInt8(ascii: "/"): return true
        case UInt8(ascii: "*"): return target.count == 1
        default: break
        }
        guard
            let scheme = (["http://", "https://"] as [StaticString]).first(where: {
                target.count > $0.utf8CodeUnitCount
                    && strncasecmp(
                        UnsafeRawPointer(target.baseAddress!).assumingMemoryBound(to: CChar.self),
                        UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self),
                        $0.utf8CodeUnitCount) == 0
            })
        else { return false }
        let authority = target.dropFirst(scheme.utf8CodeUnitCount).prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?")
        }
        return !authority.isEmpty
            && authority.allSatisfy {
                $0 | 0x20 &- 97 < 26 || $0 &- 48 < 10 || "-._~:[]".utf8.contains($0)
            }
    }

    /// No control characters but the tab: RFC 9110, 5.5. Eight bytes at a time.
    static func isText(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        var at = 0
        while at + 8 <= count {
            let word = UnsafeRawPointer(text + at).loadUnaligned(as: UInt64.self)
            // May be wrong for bytes behind a wrong one, which is found all the same.
            let below = (word &- ones &* 0x20) & ~word
            let deleted = word ^ (ones &* 0x7f)
            let isDeleted = (deleted &- ones) & ~deleted
            if (below | isDeleted) & high != 0, !isTextByByte(text + at, 8) { return false }
            at += 8
        }
        return isTextByByte(text + at, count - at)
    }

    private static func isTextByByte(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        for i in 0..<count where (text[i] < 32 && text[i] != 9) || text[i] == 127 { return false }
        return true
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

    /// - Parameter word: in lower case.
    static func isWord(_ text: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
        guard text.count == word.utf8CodeUnitCount else { return false }
        for i in 0..<text.count where HeaderTable.shared.lower[Int(text[i])] != word.utf8Start[i] {
            return false
        }
        return true
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Without the blanks around it.
    var trimmed: UnsafeBufferPointer<UInt8> {
        var text = self[...]
        while let first = text.first, RequestReader.isBlank(first) { text.removeFirst() }
        while let last = text.last, RequestReader.isBlank(last) { text.removeLast() }
        return UnsafeBufferPointer(rebasing: text)
    }
}
