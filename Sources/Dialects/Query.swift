import ByteScan
import Engagement

/// The native event as a query string: `GET /p.gif?type=click&url=…&customer=…`.
///
/// Any event field may be a parameter; `key` is the write key and doesn't become a field. Values become JSON strings, or integers and booleans where the field
/// is one. Decoding is that of HTML forms (WHATWG URL, application/x-www-form-urlencoded).
package struct QueryEvent: Sendable, Equatable {
    /// One JSON line without newline; it still has to pass the gates.
    package var line: [UInt8]
    package var key: [UInt8]

    /// There were more parameters than an event may have: the line isn't the whole of it.
    package var hasTooMany: Bool

    package static let maximumParameters = 100

    /// What the request says besides, where the query doesn't.
    package struct Defaults: Sendable {
        package var type: String
        /// These only for an event of that type.
        package var url: String?
        package var target: String?

        package init(type: String = "page_view", url: String? = nil, target: String? = nil) {
            self.type = type
            self.url = url
            self.target = target
        }
    }

    /// - Parameter query: what stands after the `?`.
    package init(query: some Collection<UInt8>, defaults: Defaults = Defaults()) {
        self =
            query.withContiguousStorageIfAvailable { Self(query: $0, defaults: defaults) }
            ?? Array(query).withUnsafeBufferPointer { Self(query: $0, defaults: defaults) }
    }

    /// The same, of bytes in a row.
    package init(query: UnsafeBufferPointer<UInt8>, defaults: Defaults = Defaults()) {
        line = []
        line.reserveCapacity(2 * query.count + 64)
        line.append(UInt8(ascii: "{"))
        key = []
        hasTooMany = false
        // Decoded, a text is never longer than it came.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, query.count)) { scratch in
            guard let scratch = scratch.baseAddress else { return }
            read(query, defaults, scratch)
        }
        line.append(UInt8(ascii: "}"))
    }

    private mutating func read(
        _ query: UnsafeBufferPointer<UInt8>, _ defaults: Defaults,
        _ scratch: UnsafeMutablePointer<UInt8>
    ) {
        var (hasURL, hasTarget) = (false, false)
        var isDefaultType: Bool?
        var count = 0
        var at = 0
        while at < query.count {
            let end = query.index(of: UInt8(ascii: "&"), in: at..<query.count) ?? query.count
            let pair = at..<end
            at = end + 1
            if pair.isEmpty { continue }
            count += 1
            guard count <= Self.maximumParameters else {
                hasTooMany = true
                break
            }
            let equals = query.index(of: UInt8(ascii: "="), in: pair) ?? end
            let name = decoded(query, pair.lowerBound..<equals, scratch)
            let value = decoded(query, min(equals + 1, end)..<end, scratch + name.count)
            if name.isEqual(to: "key") {
                key = Array(value)
                continue
            }
            if name.isEmpty || value.isEmpty { continue }
            if name.isEqual(to: "type") { isDefaultType = value.elementsEqual(defaults.type.utf8) }
            hasURL = hasURL || name.isEqual(to: "url")
            hasTarget = hasTarget || name.isEqual(to: "target")
            append(name, value, to: &line)
        }
        if isDefaultType == nil { append("type", defaults.type, to: &line) }
        guard isDefaultType ?? true else { return }
        if !hasURL, let url = defaults.url, !url.isEmpty { append("url", url, to: &line) }
        if !hasTarget, let target = defaults.target, !target.isEmpty {
            append("target", target, to: &line)
        }
    }
}

private func decoded(
    _ query: UnsafeBufferPointer<UInt8>, _ range: Range<Int>,
    _ scratch: UnsafeMutablePointer<UInt8>
) -> UnsafeBufferPointer<UInt8> {
    let text = UnsafeBufferPointer(rebasing: query[range])
    let count = decodeForm(text, plusIsBlank: true, into: scratch)
    return UnsafeBufferPointer(start: scratch, count: count)
}

private let bareFields: [[UInt8]: Field.Shape] = Dictionary(
    uniqueKeysWithValues: Field.allCases.compactMap { field in
        switch field.shape {
        case .integer, .boolean: (Array(field.key.utf8), field.shape)
        default: nil
        }
    })

private func append(_ name: StaticString, _ value: String, to line: inout [UInt8]) {
    var value = value
    value.withUTF8 { value in
        let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        append(name, value, to: &line)
    }
}

private func append(
    _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>,
    to line: inout [UInt8]
) {
    if line.count > 1 { line.append(UInt8(ascii: ",")) }
    line.appendQuoted(name)
    line.append(UInt8(ascii: ":"))
    if isBare(name, value) { line.append(contentsOf: value) } else { line.appendQuoted(value) }
}

/// An integer or boolean field whose text is one; anything else stays a string, which the field
/// gate then refuses with its reason.
private func isBare(
    _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
) -> Bool {
    // Most values are neither: no field need be looked up.
    if value.isEqual(to: "true") || value.isEqual(to: "false") {
        return bareFields[Array(name)] == .boolean
    }
    guard isInteger(value), case .integer = bareFields[Array(name)] else { return false }
    return true
}

private func isInteger(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let digits = text.first == UInt8(ascii: "-") ? text[1...] : text[...]
    return (1...18).contains(digits.count) && digits.allSatisfy { $0 &- 48 < 10 }
        && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
}

/// `+` is a blank, `%hh` a byte; a percent sign without two hex digits stands for itself.
///
/// - Parameter plusIsBlank: false in a path, where a plus stands for itself.
package func formDecoded(_ text: some Collection<UInt8>, plusIsBlank: Bool = true) -> [UInt8] {
    text.withContiguousStorageIfAvailable { formDecoded($0, plusIsBlank: plusIsBlank) }
        ?? Array(text).withUnsafeBufferPointer { formDecoded($0, plusIsBlank: plusIsBlank) }
}

private func formDecoded(_ text: UnsafeBufferPointer<UInt8>, plusIsBlank: Bool) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: text.count) { out, count in
        guard let start = out.baseAddress else { return }
        count = decodeForm(text, plusIsBlank: plusIsBlank, into: start)
    }
}

/// - Parameter out: room for as many bytes.
/// - Returns: bytes written.
private func decodeForm(
    _ text: UnsafeBufferPointer<UInt8>, plusIsBlank: Bool, into out: UnsafeMutablePointer<UInt8>
) -> Int {
    var (i, count) = (0, 0)
    while i < text.count {
        var byte = text[i]
        i += 1
        if byte == UInt8(ascii: "%") {
            if i + 1 < text.count, let high = hexDigit(text[i]), let low = hexDigit(text[i + 1]) {
                byte = high << 4 | low
                i += 2
            }
        } else if plusIsBlank, byte == UInt8(ascii: "+") {
            byte = 0x20
        }
        out[count] = byte
        count += 1
    }
    return count
}
