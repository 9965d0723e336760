import Foundation

/// The same erasure in the plainest way, over parsed lines: what the real one is compared with.
struct PlainRedaction {
    typealias Line = [String: NSObject]

    /// Last `forget` by subject.
    var forgotten: [String: Int]
    private var off: [String: [(seq: Int, isOff: Bool)]] = [:]

    private static let kept = Set(
        """
        type id site time seq received via channel actor campaign promotion newsletter issue link \
        content_kind content kind case topic outcome satisfaction order refund category quantity \
        amount currency score scale sentiment about
        """.split(separator: " ").map(String.init))

    /// - Parameter lines: in seq order.
    init(_ lines: [Line]) {
        forgotten = [:]
        var seen: Set<[String]> = []
        for line in lines {
            guard let seq = line["seq"] as? Int,
                seen.insert([Self.text(line, "site") ?? "", Self.text(line, "id") ?? ""]).inserted
            else { continue }
            let type = Self.text(line, "type") ?? ""
            let isTracking =
                type.hasPrefix("permission_") && Self.text(line, "purpose") == "tracking"
            for subject in Self.subjects(line) {
                if type == "forget" { forgotten[subject] = seq }
                if type == "forget" || isTracking {
                    off[subject, default: []].append((seq, type == "permission_withdrawn"))
                }
            }
        }
    }

    /// Absent values left out.
    static func parse(_ text: String) throws -> Line {
        let any = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let line = any as? Line ?? [:]
        return line.filter { $0.value != NSNull() && $0.value != "" as NSString }
    }

    static func text(_ line: Line, _ key: String) -> String? { line[key] as? String }

    /// Whom it counts for, then the visitor beside the customer.
    private static func subjects(_ line: Line) -> [String] {
        var out: [String] = []
        if let customer = text(line, "customer") { out.append("c/" + customer) }
        if let visitor = text(line, "visitor"), let site = text(line, "site") {
            out.append("v/\(site)/\(visitor)")
        }
        return out
    }

    func redact(_ line: Line) -> Line {
        guard let seq = line["seq"] as? Int, line["control"] == nil, line["redacted"] == nil else {
            return line
        }
        func isErased(_ subject: String?) -> Bool {
            subject.flatMap { forgotten[$0] }.map { seq <= $0 } ?? false
        }
        var line = line
        let type = Self.text(line, "type") ?? ""
        let subjects = Self.subjects(line)
        var isHit = isErased(subjects.first)
        let pair = ["identify": "visitor", "alias": "into", "referral": "referred"][type]
        func lose(_ field: String) {
            line[field] = nil
            if pair == nil || pair == field { line["erased"] = field as NSString }
        }
        let steers =
            type == "forget"
            || type.hasPrefix("permission_") && Self.text(line, "purpose") == "tracking"
        var kept = Self.kept
        if subjects.count == 2, isErased(subjects[1]) {
            if !steers, off[subjects[1]]?.last(where: { $0.seq <= seq })?.isOff ?? false {
                isHit = true
            }
            lose("visitor")
        } else if steers, subjects.count == 2 {
            kept.formUnion(["visitor", "purpose"])
        }
        for field in ["into", "referred"] where isErased(Self.text(line, field).map { "c/" + $0 }) {
            lose(field)
        }
        guard isHit else { return line }
        line = line.filter { kept.contains($0.key) }
        line["redacted"] = true as NSNumber
        return line
    }
}
