import ByteScan
/// The native event as a query string: `GET /p.gif?type=click&url=…&customer=…`.
///
/// Any event field may be a parameter; `key` is the write key and doesn't become a field. Values become JSON strings, or integers and booleans where the field
/// is one. Decoding is that of HTML forms (WHATWG URL, application/x-www-form-urlencoded).
import Engagement

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
        var line: [UInt8] = [UInt8(ascii: "{")]
        var key: [UInt8] = []
        var type: [UInt8]?
        var (hasURL, hasTarget) = (false, false)
        var count = 0
        for pair in query.split(separator: UInt8(ascii: "&")) {
            count += 1
            if count > Self.maximumParameters { break }
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = formDecoded(pair[..<equals])
            let value =
                equals < pair.endIndex ? formDecoded(pair[pair.index(after: equals)...]) : []
            if name == keyParameter {
                key = value
                continue
            }
            if name.isEmpty || value.isEmpty { continue }
            if name == typeParameter { type = value }
            hasURL = hasURL || name == urlParameter
            hasTarget = hasTarget || name == targetParameter
            append(name, value, to: &line)
        }
        let defaultType = Array(defaults.type.utf8)
        if type == nil { append(typeParameter, defaultType, to: &line) }
        if type ?? defaultType == defaultType {
            if !hasURL, let url = defaults.url, !url.isEmpty {
                append(urlParameter, Array(url.utf8), to: &line)
            }
            if !hasTarget, let target = defaults.target, !target.isEmpty {
                append(targetParameter, Array(target.utf8), to: &line)
            }
        }
        line.append(UInt8(ascii: "}"))
        self.line = line
        self.key = key
        hasTooMany = count > Self.maximumParameters
    }
}

private let keyParameter = Array("key".utf8)
private let typeParameter = Array("type".utf8)
private let urlParameter = Array("url".utf8)
private let targetParameter = Array("target".utf8)

private let bareFields: [[UInt8]: Field.Shape] = Dictionary(
    uniqueKeysWithValues: Field.allCases.compactMap { field in
        switch field.shape {
        case .integer, .boolean: (Array(field.key.utf8), field.shape)
        default: nil
        }
    })

private func append(_ name: [UInt8], _ value: [UInt8], to line: inout [UInt8]) {
    if line.count > 1 { line.append(UInt8(ascii: ",")) }
    appendString(name, to: &line)
    line.append(UInt8(ascii: ":"))
    if isBare(name, value) { line += value } else { appendString(value, to: &line) }
}

/// An integer or boolean field whose text is one; anything else stays a string, which the field
/// gate then refuses with its reason.
private func isBare(_ name: [UInt8], _ value: [UInt8]) -> Bool {
    switch bareFields[name] {
    case .boolean: return value == Array("true".utf8) || value == Array("false".utf8)
    case .integer:
        let digits = value.first == UInt8(ascii: "-") ? value.dropFirst() : value[...]
        return (1...18).contains(digits.count) && digits.allSatisfy { $0 &- 48 < 10 }
            && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
    default: return false
    }
}

private func appendString(_ text: [UInt8], to line: inout [UInt8]) {
    line.append(UInt8(ascii: "\""))
    line += [UInt8](unsafeUninitializedCapacity: text.count * 6) { out, count in
        text.withUnsafeBufferPointer { from in
            guard let to = out.baseAddress, let start = from.baseAddress else { return }
            count = escapeJSON(start, from.count, into: to)
        }
    }
    line.append(UInt8(ascii: "\""))
}

/// `+` is a blank, `%hh` a byte; a percent sign without two hex digits stands for itself.
///
/// - Parameter plusIsBlank: false in a path, where a plus stands for itself.
package func formDecoded(_ text: some Collection<UInt8>, plusIsBlank: Bool = true) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    var i = text.startIndex
    func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
    while i < text.endIndex {
        let byte = text[i]
        i = text.index(after: i)
        guard byte == UInt8(ascii: "%") else {
            out.append(plusIsBlank && byte == UInt8(ascii: "+") ? 0x20 : byte)
            continue
        }
        guard i < text.endIndex, let high = hex(text[i]) else {
            out.append(byte)
            continue
        }
        let next = text.index(after: i)
        guard next < text.endIndex, let low = hex(text[next]) else {
            out.append(byte)
            continue
        }
        out.append(high << 4 | low)
        i = text.index(after: next)
    }
    return out
}
