/// What one line turned out to be.
package struct Scan {
    package enum Outcome: UInt8, Sendable {
        /// A JSON object (RFC 8259), its keys unique, its text UTF-8.
        case object
        /// White space alone.
        case blank
        /// Not one JSON object, or a key twice.
        case malformed
        case invalidUTF8
    }

    package var outcome: Outcome
    /// Index just past the line's newline, or the limit.
    package var next: Int
    /// Index of the object's `{` and `}`.
    package var open = 0
    package var close = 0
    /// Words written.
    package var wordCount = 0
    /// One bit for each known key that occurred, whatever its value: ids 0..<64 and 64..<128.
    package var seenLow: UInt64 = 0
    package var seenHigh: UInt64 = 0
    /// A known key's text value holds an escape.
    package var hasEscapes = false
    /// A known or unknown key has an object or array as its value.
    package var hasNested = false

    @inlinable package init(outcome: Outcome, next: Int) {
        self.outcome = outcome
        self.next = next
    }

    @inlinable @inline(__always)
    package func saw(_ id: UInt8) -> Bool {
        id < 64 ? seenLow & 1 &<< UInt64(id) != 0 : seenHigh & 1 &<< UInt64(id &- 64) != 0
    }
}

/// Finds the known top-level fields of a JSON object line, in one walk that also frames the line
/// and checks the whole grammar.
///
/// It writes one word for each known key: 8 bits id, 8 bits kind (0 text, 1 integer, 2 number with
/// fraction or exponent, 3 true, 4 false, 5 null, 6 nested; bit 7: text with escapes), 16 bits
/// length, 32 bits offset. Nothing is copied, nothing allocated (but for lines with escaped or
/// very many unknown keys).
package struct JSONScanner: Sendable {
    let keys: KeyTable

    /// - Parameter keys: names of at most 16 bytes, with ids below 128.
    package init(keys: [(name: String, id: UInt8)]) {
        self.keys = KeyTable(keys: keys)
    }

    /// Scans the line that starts at `from` and ends at the first newline or at `limit`.
    ///
    /// - Parameters:
    ///   - offsetDelta: added to a value's index in `base` to make the word's offset.
    ///   - words: room for as many words as there are keys.
    package func scan(
        _ base: UnsafePointer<UInt8>, from: Int, limit: Int, offsetDelta: Int,
        into words: UnsafeMutablePointer<UInt64>
    ) -> Scan {
        var walk = Walk(base: base, at: from, limit: limit)
        walk.skipBlanks()
        if walk.at >= limit { return Scan(outcome: .blank, next: limit) }
        if base[walk.at] == UInt8(ascii: "\n") { return Scan(outcome: .blank, next: walk.at &+ 1) }
        var scan = Scan(outcome: .object, next: 0)
        guard
            object(&walk, &scan, offsetDelta, words),
            endOfLine(&walk, &scan)
        else { return refused(base, from, limit) }
        if walk.high & highs != 0, !isValidUTF8(base + from, scan.close &+ 1 &- from) {
            scan.outcome = .invalidUTF8
        }
        return scan
    }

    /// Past the closing brace only blanks may stand before the newline.
    @inline(__always)
    private func endOfLine(_ walk: inout Walk, _ scan: inout Scan) -> Bool {
        scan.close = walk.at &- 1
        walk.skipBlanks()
        if walk.at >= walk.limit {
            scan.next = walk.limit
            return true
        }
        scan.next = walk.at &+ 1
        return walk.base[walk.at] == UInt8(ascii: "\n")
    }

    /// The error path: find the line's end and say which of the two it is.
    @inline(never)
    private func refused(_ base: UnsafePointer<UInt8>, _ from: Int, _ limit: Int) -> Scan {
        var end = from
        while end < limit, base[end] != UInt8(ascii: "\n") { end &+= 1 }
        let outcome: Scan.Outcome = isValidUTF8(base + from, end - from) ? .malformed : .invalidUTF8
        return Scan(outcome: outcome, next: end < limit ? end &+ 1 : limit)
    }

    @inline(__always)
    private func object(
        _ walk: inout Walk, _ scan: inout Scan, _ delta: Int,
        _ words: UnsafeMutablePointer<UInt64>
    ) -> Bool {
        let base = walk.base
        guard walk.take(UInt8(ascii: "{")) else { return false }
        scan.open = walk.at &- 1
        walk.skipBlanks()
        if walk.take(UInt8(ascii: "}")) { return true }
        var count = 0
        var strangers = StrangerKeys()
        while true {
            guard walk.take(UInt8(ascii: "\"")) else { return false }
            let keyStart = walk.at
            guard let keyEscaped = walk.string() else { return false }
            let keyCount = walk.at &- 1 &- keyStart
            var id = KeyTable.none
            if keyEscaped {
                id = strangers.addEscaped(base, keyStart, keyCount, keys)
            } else if keyCount <= KeyTable.maximumKeyBytes {
                let (low, high) = walk.packed(keyStart, keyCount)
                id = keys.find(low, high)
                if id == KeyTable.none { strangers.add(low, high, keyCount) }
            } else {
                strangers.addLong(base, keyStart, keyCount)
            }
            walk.skipBlanks()
            guard walk.take(UInt8(ascii: ":")) else { return false }
            walk.skipBlanks()
            guard walk.at < walk.limit else { return false }

            var kind: UInt64
            var start = walk.at
            var length: Int
            switch base[walk.at] {
            case UInt8(ascii: "\""):
                walk.at &+= 1
                start = walk.at
                guard let escaped = walk.string() else { return false }
                length = walk.at &- 1 &- start
                kind = escaped ? 0x80 : 0
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard let fraction = walk.number() else { return false }
                length = walk.at &- start
                kind = fraction ? 2 : 1
            case UInt8(ascii: "t"):
                guard walk.literal("true") else { return false }
                (kind, length) = (3, 4)
            case UInt8(ascii: "f"):
                guard walk.literal("false") else { return false }
                (kind, length) = (4, 5)
            case UInt8(ascii: "n"):
                guard walk.literal("null") else { return false }
                (kind, length) = (5, 4)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard walk.nested() else { return false }
                (kind, length) = (6, 0)
                scan.hasNested = true
            default: return false
            }

            if id != KeyTable.none {
                let bit: UInt64 = 1 &<< UInt64(id & 63)
                if id < 64 {
                    if scan.seenLow & bit != 0 { return false }
                    scan.seenLow |= bit
                } else {
                    if scan.seenHigh & bit != 0 { return false }
                    scan.seenHigh |= bit
                }
                if kind == 0x80 { scan.hasEscapes = true }
                words[count] =
                    UInt64(id) | kind &<< 8 | UInt64(truncatingIfNeeded: length & 0xffff) &<< 16
                    | UInt64(truncatingIfNeeded: start &+ delta) &<< 32
                count &+= 1
            }

            walk.skipBlanks()
            guard walk.at < walk.limit else { return false }
            let separator = base[walk.at]
            walk.at &+= 1
            if separator == UInt8(ascii: ",") {
                walk.skipBlanks()
            } else if separator == UInt8(ascii: "}") {
                scan.wordCount = count
                return !strangers.hasDuplicate(base, scan.open, walk.at)
            } else {
                return false
            }
        }
    }
}
