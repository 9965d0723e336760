import Engagement

/// The two ways in which a line is changed.
extension LineFields {
    private static let kept = Set([.seq, .received, .via] + Field.impersonal)

    /// The line without all that could tell whom it was about, but for the fields in `also`.
    func reduced(keeping also: [Field] = []) -> [UInt8] {
        var out = [UInt8(ascii: "{")]
        out.reserveCapacity(line.count + 20)
        for i in 0..<count {
            let word = word(at: i)
            guard let field = Field(rawValue: word.id), word.kind != .nested,
                Self.kept.contains(field) || also.contains(field)
            else { continue }
            out += "\"\(field.key)\":".utf8
            out += line[value(word)]
            out.append(UInt8(ascii: ","))
        }
        out += "\"redacted\":true}".utf8
        return out
    }

    /// The line without some fields, all else byte for byte; `erased` names the one that is missed.
    ///
    /// In a line that joins two people that is the second one's: the fold must know that there was
    /// one. Of any other field such a line says nothing, or it would join nobody. Elsewhere it is the
    /// last.
    func without(_ fields: [Field], type: EventType?) -> [UInt8] {
        let named: Field? =
            switch type {
            case .identify: fields.first { $0 == .visitor }
            case .alias: fields.first { $0 == .into }
            case .referral: fields.first { $0 == .referred }
            default: fields.last
            }
        var cuts: [(range: Range<Int>, field: Field)] = []
        for field in fields + (named == nil ? [] : [.erased]) {
            guard let word = word(field) else { continue }
            guard let range = pair(value(word)) else { return reduced() }
            cuts.append((range, field))
        }
        cuts.sort { $0.range.lowerBound < $1.range.lowerBound }
        var out: [UInt8] = []
        out.reserveCapacity(line.count + 24)
        var at = 0
        for cut in cuts {
            out += line[at..<cut.range.lowerBound]
            if cut.field == named { out += ",\"erased\":\"\(cut.field.key)\"".utf8 }
            at = cut.range.upperBound
        }
        return out + line[at...]
    }

    /// A value as it stands in the line, its quotes included.
    private func value(_ word: FieldWord) -> Range<Int> {
        let quote = word.isText ? 1 : 0
        return (word.offset - quote)..<(word.offset + word.length + quote)
    }

    /// From the comma before the key to the end of its value. nil: it is the line's first field.
    private func pair(_ value: Range<Int>) -> Range<Int>? {
        var at = value.lowerBound
        func skipBlanks() {
            while at > 0, [0x20, 0x09, 0x0d].contains(line[at - 1]) { at -= 1 }
        }
        func take(_ byte: UInt8) -> Bool {
            skipBlanks()
            guard at > 0, line[at - 1] == byte else { return false }
            at -= 1
            return true
        }
        guard take(UInt8(ascii: ":")), take(UInt8(ascii: "\"")) else { return nil }
        // No key of ours holds a quote, however it is spelled.
        while at > 0, line[at - 1] != UInt8(ascii: "\"") { at -= 1 }
        guard take(UInt8(ascii: "\"")), take(UInt8(ascii: ",")) else { return nil }
        return at..<value.upperBound
    }
}
