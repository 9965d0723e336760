/// The fields of a posted form, in their order: urlencoded or multipart (WHATWG URL, RFC 7578).
///
/// Bounded by count; a form with more fields, or with text that isn't UTF-8, is none.
package struct Form: Sendable, Equatable {
    package static let maximumFields = 300

    package var fields: [(name: String, value: String)] = []

    package static func == (a: Form, b: Form) -> Bool {
        a.fields.elementsEqual(b.fields) { $0 == $1 }
    }

    /// - Parameter contentType: the header's value; absent or unknown it is taken for urlencoded.
    package init?(body: [UInt8], contentType: String?) {
        let type = contentType ?? ""
        if type.lowercased().hasPrefix("multipart/form-data") {
            guard let boundary = Multipart.boundary(contentType: type),
                let parts = Multipart.parts(of: body, boundary: boundary)
            else { return nil }
            fields = parts
        } else {
            guard let pairs = Self.pairs(body) else { return nil }
            fields = pairs
        }
    }

    /// The first value of a field.
    package func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    package func values(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    private static func pairs(_ body: [UInt8]) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for pair in body.split(separator: UInt8(ascii: "&")) {
            guard pairs.count < maximumFields else { return nil }
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let rest = equals < pair.endIndex ? pair[(equals + 1)...] : []
            guard let name = String(validating: formDecoded(pair[..<equals]), as: UTF8.self),
                let value = String(validating: formDecoded(rest), as: UTF8.self)
            else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }
}
