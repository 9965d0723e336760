import ByteScan

/// The lines in an HTTP body: one object, an array of objects, or NDJSON.
///
/// - One object or an array may be pretty-printed: the white space between its tokens goes, every
///   other byte stays.
/// - A bad element or line never costs a good one. Where an array's brackets don't balance, what
///   can't be taken apart is handed on as one line, which the gates then refuse.
/// - A body with newlines is NDJSON unless its first line is no whole value.
package enum Body {
    /// Calls `line` with each line in order, without its newline, and stops after `maximumLines`.
    /// Blank lines are handed on too: they count.
    package static func eachLine(
        of body: UnsafeBufferPointer<UInt8>, _ line: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        guard let base = body.baseAddress else { return }
        var start = 0
        while start < body.count, isJSONSpace(base[start]) { start += 1 }
        guard start < body.count else { return }
        if base[start] == UInt8(ascii: "[") {
            elements(base, start + 1, body.count, line)
        } else if let end = wholeObject(base, start, body.count) {
            compacted(base, start, end, line)
        } else {
            newlines(base, start, body.count, line)
        }
    }

    /// The end of an object that spans lines and is all there is in the body.
    private static func wholeObject(_ base: UnsafePointer<UInt8>, _ start: Int, _ limit: Int)
        -> Int?
    {
        guard base[start] == UInt8(ascii: "{") else { return nil }
        var firstBreak = start
        while firstBreak < limit, base[firstBreak] != UInt8(ascii: "\n") { firstBreak += 1 }
        if let end = endOfJSONValue(base, from: start, limit: firstBreak), end <= firstBreak {
            return nil
        }
        guard let end = endOfJSONValue(base, from: start, limit: limit) else { return nil }
        var rest = end
        while rest < limit, isJSONSpace(base[rest]) { rest += 1 }
        return rest == limit ? end : nil
    }

    private static func newlines(
        _ base: UnsafePointer<UInt8>, _ start: Int, _ limit: Int,
        _ line: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var at = start
        while at < limit {
            var end = at
            while end < limit, base[end] != UInt8(ascii: "\n") { end += 1 }
            line(UnsafeBufferPointer(start: base + at, count: end - at))
            at = end + 1
        }
    }

    private static func elements(
        _ base: UnsafePointer<UInt8>, _ start: Int, _ limit: Int,
        _ line: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var at = start
        func skip() { while at < limit, isJSONSpace(base[at]) { at += 1 } }
        /// What is left can't be taken apart: one line that the gates refuse.
        func broken() {
            var end = at
            while end < limit, base[end] != UInt8(ascii: "\n") { end += 1 }
            line(UnsafeBufferPointer(start: base + at, count: max(1, end - at)))
        }
        skip()
        if at < limit, base[at] == UInt8(ascii: "]") {
            at += 1
            skip()
            if at < limit { broken() }
            return
        }
        while true {
            skip()
            guard at < limit else {
                at = limit - 1
                return broken()
            }
            guard let end = endOfJSONValue(base, from: at, limit: limit), end > at else {
                return broken()
            }
            compacted(base, at, end, line)
            at = end
            skip()
            guard at < limit else {
                at = limit - 1
                return broken()
            }
            let separator = base[at]
            at += 1
            if separator == UInt8(ascii: ",") { continue }
            guard separator == UInt8(ascii: "]") else {
                at -= 1
                return broken()
            }
            skip()
            if at < limit { broken() }
            return
        }
    }

    private static func compacted(
        _ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int,
        _ line: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        let text = UnsafeBufferPointer(start: base + start, count: end - start)
        guard text.contains(UInt8(ascii: "\n")) || text.contains(UInt8(ascii: "\r")) else {
            return line(text)
        }
        let packed = [UInt8](unsafeUninitializedCapacity: text.count) { out, count in
            guard let to = out.baseAddress else { return }
            count = compactJSON(base + start, text.count, into: to)
        }
        packed.withUnsafeBufferPointer(line)
    }
}
