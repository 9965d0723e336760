/// The text fields of a `multipart/form-data` body. Source: RFC 7578, RFC 2046 section 5.1.
enum Multipart {
    private static let longestBoundary = 70
    private static let longestHead = 2_048

    /// The `boundary` parameter; nil where there is none that RFC 2046 allows.
    static func boundary(contentType: String) -> [UInt8]? {
        for parameter in contentType.utf8.split(separator: UInt8(ascii: ";")).dropFirst() {
            let text = trimmed(parameter)
            guard lowercased(text.prefix(9)) == Array("boundary=".utf8) else { continue }
            var value = text.dropFirst(9)
            if value.count >= 2, value.first == 0x22, value.last == 0x22 {
                value = value.dropFirst().dropLast()
            }
            let isPlain = value.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 }
            guard (1...longestBoundary).contains(value.count), isPlain else { return nil }
            return Array(value)
        }
        return nil
    }

    /// Names and values in order; nil where the body isn't whole or isn't one.
    static func parts(of body: [UInt8], boundary: [UInt8]) -> [(name: String, value: String)]? {
        let delimiter = Array("\r\n--".utf8) + boundary
        // The first delimiter may stand at the very beginning, without a line's end before it.
        guard var at = find(delimiter, in: [13, 10] + body, from: 0).map({ $0 - 2 }) else {
            return nil
        }
        var parts: [(name: String, value: String)] = []
        while true {
            at += delimiter.count
            if body[at...].starts(with: "--".utf8) { return parts }
            while at < body.count, body[at] == 0x20 || body[at] == 0x09 { at += 1 }
            guard body[at...].starts(with: [13, 10]), parts.count < Form.maximumFields,
                let next = find(delimiter, in: body, from: at),
                let part = part(body[(at + 2)..<max(next, at + 2)])
            else { return nil }
            parts.append(part)
            at = next
        }
    }

    private static func part(_ bytes: ArraySlice<UInt8>) -> (name: String, value: String)? {
        let blank: [UInt8] = [13, 10, 13, 10]
        let head = Array(bytes.prefix(longestHead))
        guard let end = find(blank, in: head, from: 0) else { return nil }
        let value = bytes.dropFirst(end + blank.count)
        guard let name = fieldName(head[..<end]),
            let text = String(validating: value, as: UTF8.self)
        else { return nil }
        return (name, text)
    }

    /// `Content-Disposition: form-data; name="…"`.
    private static func fieldName(_ head: ArraySlice<UInt8>) -> String? {
        for line in head.split(separator: 10) {
            let prefix = Array("content-disposition:".utf8)
            guard lowercased(line.prefix(prefix.count)) == prefix else { continue }
            for parameter in line.split(separator: UInt8(ascii: ";")).dropFirst() {
                let text = trimmed(parameter)
                guard lowercased(text.prefix(5)) == Array("name=".utf8) else { continue }
                var name = text.dropFirst(5)
                if name.count >= 2, name.first == 0x22, name.last == 0x22 {
                    name = name.dropFirst().dropLast()
                }
                return String(validating: name, as: UTF8.self)
            }
        }
        return nil
    }

    private static func find(_ needle: [UInt8], in bytes: [UInt8], from: Int) -> Int? {
        guard bytes.count >= needle.count, from <= bytes.count - needle.count else { return nil }
        var i = from
        while i <= bytes.count - needle.count {
            if bytes[i] == needle[0], bytes[i..<(i + needle.count)].elementsEqual(needle) {
                return i
            }
            i += 1
        }
        return nil
    }

    private static func trimmed(_ text: some Collection<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
        var rest = Array(text)[...]
        while let first = rest.first, isBlank(first) { rest = rest.dropFirst() }
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return rest
    }

    private static func lowercased(_ text: some Collection<UInt8>) -> [UInt8] {
        text.map { (65...90).contains($0) ? $0 + 32 : $0 }
    }
}
