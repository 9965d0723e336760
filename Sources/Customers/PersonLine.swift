import ByteScan
import Engagement

/// A stored line as it is handed to the person it is about.
enum PersonLine {
    /// The object as text, or nil where the line isn't hers: it names another customer as its own,
    /// or nobody. Names of others are left out.
    static func text(_ record: Record, _ own: Set<String>) -> String? {
        guard !record.line.traits.contains(.control), !record.line.traits.contains(.unreadable)
        else { return nil }
        let site = record.first(.site).map { plain(record, $0) } ?? ""
        let customer = record.first(.customer).map { "c/" + plain(record, $0) }
        let visitor = record.first(.visitor).map { "v/\(site)/" + plain(record, $0) }
        guard let main = customer ?? visitor, own.contains(main) else { return nil }
        var hidden: [Field] = []
        if customer != nil, let visitor, !own.contains(visitor) { hidden.append(.visitor) }
        for field in [Field.into, .referred] {
            if let word = record.first(field), !own.contains("c/" + plain(record, word)) {
                hidden.append(field)
            }
        }
        return stored(record, hiding: hidden)
    }

    private static func plain(_ record: Record, _ word: FieldWord) -> String {
        String(decoding: record.bytes(word), as: UTF8.self)
    }

    /// The stored bytes; without the hidden fields where there are any.
    private static func stored(_ record: Record, hiding hidden: [Field]) -> String {
        let line = record.line
        let body = UnsafeRawBufferPointer(
            start: record.batch.bytes + Int(line.offset), count: Int(line.length))
        let front =
            "{\"seq\":\(record.seq),\"received\":\"\(time(line.receivedMilliseconds))\",\"via\":\"\(line.via.name)\","
        guard !hidden.isEmpty else { return front + String(decoding: body, as: UTF8.self) }
        return front + String(decoding: without(hidden, Array(body)), as: UTF8.self)
    }

    private static func time(_ milliseconds: Int64) -> String {
        var text = [UInt8](repeating: 0, count: 24)
        text.withUnsafeMutableBufferPointer { writeTimestamp(milliseconds, to: $0.baseAddress!) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The inside of an object without some of its members. The line passed the gates: it is flat,
    /// and its keys are unique.
    private static func without(_ hidden: [Field], _ body: [UInt8]) -> [UInt8] {
        let keys = Set(hidden.map { Array("\"\($0.key)\"".utf8) })
        var members: [ArraySlice<UInt8>] = []
        var start = 0
        var isText = false
        var isEscaped = false
        for (i, byte) in body.enumerated() {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
            } else if byte == UInt8(ascii: "\"") {
                isText = true
            } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") {
                members.append(body[start..<i])
                start = i + 1
            }
        }
        let kept = members.filter { member in
            let text = member.drop { isJSONSpace($0) }
            return !keys.contains { text.starts(with: $0) }
        }
        return Array(kept.joined(separator: [UInt8(ascii: ",")])) + [UInt8(ascii: "}")]
    }
}
