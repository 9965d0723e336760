import ByteScan

/// One line of a request for links: a flat JSON object, answered by one.
///
/// `{"kind":"click","target":"https://…","newsletter":"weekly","issue":"2026-11","customer":"c-17"}`;
/// kinds are `click` (the default), `open`, `unsubscribe`, `preferences`, and `mail` for all that one
/// mail needs. `days` says how long the link holds. Source: schemas/wire.md, "Signed links".
package struct LinkRequest: Sendable {
    private enum Key: UInt8, CaseIterable {
        case kind, site, target, newsletter, issue, link, customer, message, days
    }

    private static let scanner = JSONScanner(keys: Key.allCases.map { ("\($0)", $0.rawValue) })

    /// Of purpose `click` where the kind is `mail`.
    package var claims: Claims
    package var isMail: Bool
    private var preferencesExpire: UInt32

    /// - Parameters:
    ///   - site: the one that the sender may sign for; a line that names another is refused.
    ///   - now: seconds since 1970 UTC.
    package init(
        kind: String?, site: String, now: Int64, days: Int?
    ) throws(LinkSigner.Mistake) {
        guard let purpose = Purpose(name: kind ?? "click") ?? (kind == "mail" ? .click : nil) else {
            throw .invalid("kind", "is click, open, unsubscribe, preferences or mail")
        }
        if let days, !(1...LinkSigner.longestDays).contains(days) {
            throw .invalid("days", "must be 1 to \(LinkSigner.longestDays)")
        }
        func end(_ standard: Int) -> UInt32 {
            UInt32(clamping: now + Int64(days ?? standard) * 86_400)
        }
        preferencesExpire = end(LinkSigner.defaultPreferenceDays)
        claims = Claims(
            purpose: purpose, site: site,
            expires: purpose == .preferences ? preferencesExpire : end(LinkSigner.defaultDays))
        isMail = kind == "mail"
    }

    /// - Parameter line: without its newline; at most 64 KiB.
    package init(line: [UInt8], site: String, now: Int64) throws(LinkSigner.Mistake) {
        let values = try Self.values(line)
        func text(_ key: Key) throws(LinkSigner.Mistake) -> String? {
            switch values[key.rawValue] {
            case nil: return nil
            case .text(let text)?: return text.isEmpty ? nil : text
            case .number?: throw .invalid("\(key)", "must be a string")
            }
        }
        var days: Int?
        switch values[Key.days.rawValue] {
        case nil: break
        case .number(let number)?: days = number
        case .text?: throw .invalid("days", "must be a whole number")
        }
        try self.init(kind: try text(.kind), site: site, now: now, days: days)
        if let named = try text(.site), named != site {
            throw LinkSigner.Mistake(code: "unknown_key", detail: "site: isn't the key's")
        }
        claims.target = try text(.target)
        claims.newsletter = try text(.newsletter)
        claims.issue = try text(.issue)
        claims.link = try text(.link)
        claims.customer = try text(.customer)
        claims.message = try text(.message)
    }

    /// The answer as one JSON object; `line` is the request's number, from 1.
    package func answer(_ signer: LinkSigner, line: Int) throws(LinkSigner.Mistake) -> String {
        guard isMail else {
            return "{\"line\":\(line),\"url\":\(quotedJSON(try signer.url(claims)))}"
        }
        let mail = try mail(signer)
        let headers = mail.headers.map { quotedJSON($0.name) + ":" + quotedJSON($0.value) }
        return "{\"line\":\(line),\"open\":\(quotedJSON(mail.open)),"
            + "\"unsubscribe\":\(quotedJSON(mail.unsubscribe)),"
            + "\"preferences\":\(quotedJSON(mail.preferences)),"
            + "\"headers\":{\(headers.joined(separator: ","))}}"
    }

    package func mail(_ signer: LinkSigner) throws(LinkSigner.Mistake) -> MailLinks {
        try signer.mail(claims, preferencesExpire: preferencesExpire)
    }

    /// The answer to a line that asked for nothing that could be signed.
    package static func refusal(_ mistake: LinkSigner.Mistake, line: Int) -> String {
        "{\"line\":\(line),\"error\":\"\(mistake.code)\",\"detail\":\(quotedJSON(mistake.detail))}"
    }

    // MARK: Reading

    private enum Value {
        case text(String)
        case number(Int)
    }

    private static func values(_ line: [UInt8]) throws(LinkSigner.Mistake) -> [UInt8: Value] {
        guard line.count <= 64 << 10 else {
            throw LinkSigner.Mistake(code: "too_large", detail: "the line is longer than 64 KiB")
        }
        let padded = line + [UInt8](repeating: 0, count: 64)
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: Key.allCases.count)
        defer { words.deallocate() }
        let found: [UInt8: Value]?? = padded.withUnsafeBufferPointer { bytes in
            let base = bytes.baseAddress!
            let scan = scanner.scan(base, from: 0, limit: line.count, offsetDelta: 0, into: words)
            guard scan.outcome == .object else { return .none }
            var values: [UInt8: Value] = [:]
            for i in 0..<scan.wordCount {
                let word = Word(bits: words[i])
                let raw = UnsafeBufferPointer(start: base + word.offset, count: word.length)
                switch word.kind {
                case 0:
                    guard let text = plain(raw, isEscaped: word.isEscaped) else {
                        return .some(nil)
                    }
                    values[word.id] = .text(text)
                case 1:
                    guard let number = Int(String(decoding: raw, as: UTF8.self)) else {
                        return .some(nil)
                    }
                    values[word.id] = .number(number)
                case 5: break
                default: return .some(nil)
                }
            }
            return .some(values)
        }
        guard let scanned = found else {
            throw LinkSigner.Mistake(
                code: "malformed_json", detail: "the line isn't one JSON object with unique keys")
        }
        guard let values = scanned else {
            throw LinkSigner.Mistake(
                code: "invalid_field", detail: "values are strings; days is a whole number")
        }
        return values
    }

    /// The scanner's word: 8 bits id, 8 bits kind, 16 bits length, 32 bits offset.
    private struct Word {
        let bits: UInt64
        var id: UInt8 { UInt8(truncatingIfNeeded: bits) }
        var kind: UInt8 { UInt8(truncatingIfNeeded: bits >> 8) & 0x7f }
        var isEscaped: Bool { bits & 0x8000 != 0 }
        var length: Int { Int(bits >> 16 & 0xffff) }
        var offset: Int { Int(bits >> 32) }
    }

    private static func plain(_ raw: UnsafeBufferPointer<UInt8>, isEscaped: Bool) -> String? {
        guard isEscaped, let start = raw.baseAddress else {
            return String(decoding: raw, as: UTF8.self)
        }
        var isSound = true
        let plain = [UInt8](unsafeUninitializedCapacity: raw.count + 8) { out, count in
            if let to = out.baseAddress, let n = unescapeJSON(start, raw.count, into: to) {
                count = n
            } else {
                isSound = false
            }
        }
        return isSound ? String(decoding: plain, as: UTF8.self) : nil
    }
}
