/// A position in JSON text, and the steps that grammar allows from it (RFC 8259).
///
/// Each step leaves `at` just past what it took, or refuses. A newline ends a line, so here it is
/// white space nowhere.
struct Walk {
    let base: UnsafePointer<UInt8>
    var at: Int
    let limit: Int
    /// OR of the text seen: a high bit says that UTF-8 has to be checked.
    var high: UInt64 = 0

    /// Nesting is checked with one bit a level.
    static let maximumDepth = 64

    init(base: UnsafePointer<UInt8>, at: Int, limit: Int) {
        self.base = base
        self.at = at
        self.limit = limit
    }

    @inline(__always)
    mutating func skipBlanks() {
        while at < limit {
            let byte = base[at]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0d else { return }
            at &+= 1
        }
    }

    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard at < limit, base[at] == byte else { return false }
        at &+= 1
        return true
    }

    /// Eight or sixteen bytes from `start` as zero-padded words.
    @inline(__always)
    func packed(_ start: Int, _ count: Int) -> (UInt64, UInt64) {
        if start &+ 16 <= limit {
            let low = load8(base, start)
            if count <= 8 {
                return (count == 8 ? low : low & ((1 &<< UInt64(count &* 8)) &- 1), 0)
            }
            let high = load8(base, start &+ 8)
            return (low, count == 16 ? high : high & ((1 &<< UInt64((count &- 8) &* 8)) &- 1))
        }
        return (
            loadPartial(base, start, min(8, count)),
            count > 8 ? loadPartial(base, start &+ 8, count &- 8) : 0
        )
    }

    /// The rest of a string, its closing quote included. True when it holds escapes; nil when it
    /// is not a JSON string.
    @inline(__always)
    mutating func string() -> Bool? {
        var i = at
        while i &+ 8 <= limit {
            let word = load8(base, i)
            high |= word
            let stops = stringStops(word)
            if stops == 0 {
                i &+= 8
                continue
            }
            i &+= stops.trailingZeroBitCount &>> 3
            if base[i] == UInt8(ascii: "\"") {
                at = i &+ 1
                return false
            }
            at = i
            return slowString()
        }
        at = i
        return slowString()
    }

    /// Byte by byte: near the limit, or from the first escape on.
    @inline(never)
    private mutating func slowString() -> Bool? {
        var escaped = false
        while at < limit {
            let byte = base[at]
            at &+= 1
            if byte == UInt8(ascii: "\"") { return escaped }
            if byte < 0x20 { return nil }
            high |= UInt64(byte)
            guard byte == UInt8(ascii: "\\") else { continue }
            escaped = true
            guard at < limit else { return nil }
            switch base[at] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
                UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                at &+= 1
            case UInt8(ascii: "u"):
                guard at &+ 5 <= limit else { return nil }
                for k in 1...4 where hexDigit(base[at &+ k]) == nil { return nil }
                at &+= 5
            default: return nil
            }
        }
        return nil
    }

    /// A number. True when it has a fraction or an exponent.
    @inline(__always)
    mutating func number() -> Bool? {
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
        } else if !digits() {
            return nil
        }
        var fraction = false
        if take(UInt8(ascii: ".")) {
            fraction = true
            guard digits() else { return nil }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            fraction = true
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() else { return nil }
        }
        return fraction
    }

    @inline(__always)
    private mutating func digits() -> Bool {
        let start = at
        while at < limit, base[at] &- 48 < 10 { at &+= 1 }
        return at > start
    }

    @inline(__always)
    mutating func literal(_ text: StaticString) -> Bool {
        let n = text.utf8CodeUnitCount
        guard at &+ n <= limit else { return false }
        for k in 0..<n where base[at &+ k] != text.utf8Start[k] { return false }
        at &+= n
        return true
    }

    /// An object or array, walked without recursion: one bit a level says which it is.
    @inline(never)
    mutating func nested() -> Bool {
        var depth = 0
        var isObject: UInt64 = 0
        var wantsKey = false
        while true {
            skipBlanks()
            guard at < limit else { return false }
            if wantsKey {
                guard take(UInt8(ascii: "\"")), string() != nil else { return false }
                skipBlanks()
                guard take(UInt8(ascii: ":")) else { return false }
                skipBlanks()
                guard at < limit else { return false }
            }
            let byte = base[at]
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                guard depth < Self.maximumDepth else { return false }
                at &+= 1
                let object = byte == UInt8(ascii: "{")
                isObject = isObject &<< 1 | (object ? 1 : 0)
                depth &+= 1
                skipBlanks()
                if !take(object ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    wantsKey = object
                    continue
                }
                isObject &>>= 1
                depth &-= 1
            } else if !scalar(byte) {
                return false
            }
            // A value is complete: close levels until a comma asks for the next one.
            while true {
                if depth == 0 { return true }
                skipBlanks()
                let object = isObject & 1 == 1
                if take(UInt8(ascii: ",")) {
                    wantsKey = object
                    break
                }
                guard take(object ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return false }
                isObject &>>= 1
                depth &-= 1
            }
        }
    }

    /// Any value, without keeping what it is.
    mutating func value() -> Bool {
        skipBlanks()
        guard at < limit else { return false }
        let byte = base[at]
        return byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") ? nested() : scalar(byte)
    }

    private mutating func scalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""):
            at &+= 1
            return string() != nil
        case UInt8(ascii: "t"): return literal("true")
        case UInt8(ascii: "f"): return literal("false")
        case UInt8(ascii: "n"): return literal("null")
        default: return number() != nil
        }
    }
}
