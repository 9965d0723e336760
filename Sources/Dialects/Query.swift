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
        self =
            query.withContiguousStorageIfAvailable { Self($0, defaults) }
            ?? Array(query).withUnsafeBufferPointer { Self($0, defaults) }
    }

    private init(_ query: UnsafeBufferPointer<UInt8>, _ defaults: Defaults) {
        line = [UInt8(ascii: "{")]
        line.reserveCapacity(2 * query.count + 64)
        key = []
        var type: [UInt8]?
        var (hasURL, hasTarget) = (false, false)
        var count = 0
        var rest = query[...]
        while !rest.isEmpty {
            let pair = rest.prefix { $0 != UInt8(ascii: "&") }
            rest = rest[pair.endIndex...].dropFirst()
            if pair.isEmpty { continue }
            count += 1
            if count > Self.maximumParameters { break }
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            let field = formDecoded(UnsafeBufferPointer(rebasing: name), plusIsBlank: true)
            let value = formDecoded(
                UnsafeBufferPointer(rebasing: pair[name.endIndex...].dropFirst()),
                plusIsBlank: true)
            if field == keyParameter {
                key = value
                continue
            }
            if field.isEmpty || value.isEmpty { continue }
            if field == typeParameter { type = value }
            hasURL = hasURL || field == urlParameter
            hasTarget = hasTarget || field == targetParameter
            append(field, value, to: &line)
        }
        hasTooMany = count > Self.maximumParameters
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
    text.withUnsafeBufferPointer { line.appendQuoted($0) }
}

/// `+` is a blank, `%hh` a byte; a percent sign without two hex digits stands for itself.
///
/// - Parameter plusIsBlank: false in a path, where a plus stands for itself.
package func formDecoded(_ text: some Collection<UInt8>, plusIsBlank: Bool = true) -> [UInt8] {
    text.withContiguousStorageIfAvailable { formDecoded($0, plusIsBlank: plusIsBlank) }
        ?? Array(text).withUnsafeBufferPointer { formDecoded($0, plusIsBlank: plusIsBlank) }
}

private func formDecoded(_ text: UnsafeBufferPointer<UInt8>, plusIsBlank: Bool) -> [UInt8] {
    func hex(_ i: Int) -> UInt8? {
        guard i < text.count else { return nil }
        switch text[i] {
        case 48...57: return text[i] - 48
        case 65...70: return text[i] - 55
        case 97...102: return text[i] - 87
        default: return nil
        }
    }
    return [UInt8](unsafeUninitializedCapacity: text.count) { out, count in
        var i = 0
        while i < text.count {
            let byte = text[i]
            i += 1
            if byte == UInt8(ascii: "%"), let high = hex(i), let low = hex(i + 1) {
                out.initializeElement(at: count, to: high << 4 | low)
                i += 2
            } else {
                let isBlank = plusIsBlank && byte == UInt8(ascii: "+")
                out.initializeElement(at: count, to: isBlank ? 0x20 : byte)
            }
            count += 1
        }
    }
}
