import ByteScan
package import Ledger

/// What a colleague who talks to a customer wants on one page: who she is, how the relationship
/// stands, what she permits and likes, what is open.
package struct PersonPage {
    private let person: Person
    private let ledger: LedgerReader
    private let marks: String
    private var lines: [String] = []

    private init(_ person: Person, _ ledger: LedgerReader) {
        self.person = person
        self.ledger = ledger
        marks = "(" + person.subjects.map { _ in "?" }.joined(separator: ",") + ")"
    }

    /// - Returns: lines `label  text`.
    /// - Throws: `LedgerError`.
    package static func text(_ person: Person, _ ledger: LedgerReader) throws -> String {
        var page = PersonPage(person, ledger)
        try page.compose()
        return page.lines.joined(separator: "\n")
    }

    private mutating func compose() throws {
        put("person", person.name)
        let others = person.subjects.filter { $0 != person.name }
        if !others.isEmpty { put("also", others.joined(separator: ", ")) }
        try who()
        try relationship()
        try money()
        try each(
            "channels",
            "SELECT channel, SUM(in_n), SUM(out_n), SUM(orders) FROM subject_channel WHERE subject IN \(marks) GROUP BY 1 ORDER BY 2 DESC, 1"
        ) {
            "\($0[0]): \($0[1]) from her, \($0[2]) from us"
                + ($0[3] == "0" ? "" : ", \($0[3]) orders")
        }
        try each(
            "newsletters",
            "SELECT newsletter, MAX(state), SUM(delivered), SUM(opened), SUM(clicked) FROM subject_newsletter WHERE subject IN \(marks) GROUP BY 1 ORDER BY 1"
        ) {
            "\($0[0])\($0[1].isEmpty ? "" : " (\($0[1]))"): \($0[2]) delivered, \($0[3]) opened, \($0[4]) clicks"
        }
        try each(
            "interests",
            "SELECT interest, stance FROM interest_current WHERE subject IN \(marks) AND stance <> 'neutral' ORDER BY stance DESC, interest"
        ) {
            "\($0[1])s \($0[0])"
        }
        try permission()
        try open()
    }

    private mutating func who() throws {
        let rows = try query(
            "SELECT field, value FROM profile_current WHERE subject IN \(marks) ORDER BY field, time_ms DESC"
        )
        var seen: Set<String> = []
        for row in rows where seen.insert(row[0]).inserted {
            put(row[0].replacing("_", with: " "), row[1])
        }
    }

    private mutating func relationship() throws {
        let rows = try query(
            """
            SELECT MIN(first_ms), MAX(last_ms), SUM(in_n), SUM(out_n), MAX(last_in_ms), MAX(last_out_ms),
              SUM(score_sum) / NULLIF(SUM(score_n), 0), SUM(complaints), SUM(problems)
            FROM subject_total WHERE subject IN \(marks)
            """)
        guard let row = rows.first, !row[0].isEmpty else {
            return put("relationship", "nothing is counted for her")
        }
        let stage = try query(
            """
            SELECT CASE
              WHEN SUM(t.orders) > 0 OR SUM(t.services) > 0 OR SUM(t.stories) > 0 THEN '5 relationship'
              WHEN SUM(t.leads) > 0 THEN '4 connection'
              WHEN (SUM(t.grants) > 0 AND SUM(t.disclosures) > 0)
                OR (SUM(t.score_n) > 0 AND SUM(t.score_sum) >= 70 * SUM(t.score_n))
                OR (SUM(t.sentiment_n) > 0 AND SUM(t.sentiment_sum) > 0)
                OR EXISTS (SELECT 1 FROM referral WHERE subject IN \(marks)) THEN '3 trust'
              WHEN (SELECT COUNT(DISTINCT day) FROM subject_day WHERE subject IN \(marks) AND in_n > 0) >= 2
                THEN '2 education'
              WHEN SUM(t.in_n) + SUM(t.out_n) > 0 THEN '1 awareness' ELSE '0 unknown' END
            FROM subject_total t WHERE t.subject IN \(marks)
            """, times: 3)
        put("stage", stage.first?[0] ?? "")
        put("known since", day(row[0]))
        put("last from her", row[4].isEmpty ? "never" : day(row[4]))
        put("last from us", row[5].isEmpty ? "never" : day(row[5]))
        put("in all", "\(row[2]) times from her, \(row[3]) times from us")
        let month = try query(
            """
            SELECT COALESCE(SUM(d.in_n), 0), COALESCE(SUM(d.out_n), 0) FROM subject_day d, clock c
            WHERE d.subject IN \(marks) AND d.day > c.today - 30
            """)
        if let row = month.first { put("in 30 days", "\(row[0]) from her, \(row[1]) from us") }
        if !row[6].isEmpty { put("satisfaction", "\(row[6]) of 100") }
    }

    private mutating func money() throws {
        try each(
            "orders",
            """
            SELECT currency, SUM(orders), SUM(revenue), SUM(refunded) FROM subject_money
            WHERE subject IN \(marks) GROUP BY 1 ORDER BY 1
            """
        ) {
            "\($0[1]) for \($0[2]) \($0[0]) (minor units)"
                + ($0[3] == "0" ? "" : ", \($0[3]) refunded")
        }
    }

    private mutating func permission() throws {
        let off = try query(
            "SELECT subject FROM tracking_control WHERE subject IN \(marks) AND state = 'off'")
        if !off.isEmpty { put("tracking", "withdrawn") }
        try each(
            "permission",
            """
            SELECT state, purpose, channel, topic, MAX(time_ms) FROM permission_current
            WHERE subject IN \(marks) GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC
            """
        ) {
            "\($0[0]) \($0[1]): channel \($0[2]), topic \($0[3]), \(day($0[4]))"
        }
        try each(
            "preference",
            """
            SELECT stance, channel, kind, COALESCE(frequency, ''), COALESCE(max_per_30d, '')
            FROM preference_current WHERE subject IN \(marks) ORDER BY time_ms DESC
            """
        ) {
            "\($0[0])s \($0[1]) (\($0[2]))" + ($0[3].isEmpty ? "" : ", \($0[3])")
                + ($0[4].isEmpty ? "" : ", at most \($0[4]) in 30 days")
        }
    }

    private mutating func open() throws {
        try each(
            "open",
            """
            SELECT kind, case_id, COALESCE(topic, ''), open_days FROM open_case
            WHERE subject IN \(marks) ORDER BY open_days DESC
            """
        ) { "\($0[0]) \($0[1])\($0[2].isEmpty ? "" : " about \($0[2])"), \($0[3]) days" }
        try each(
            "unanswered",
            """
            SELECT COALESCE(channel, ''), last_in_ms FROM contact_thread WHERE subject IN \(marks)
            AND in_n > 0 AND (last_out_ms IS NULL OR last_in_ms > last_out_ms) ORDER BY 2
            """
        ) { "\($0[0]), since \(day($0[1]))" }
    }

    // MARK: Lines

    private mutating func put(_ label: String, _ text: String) {
        let shown = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
        lines.append(label + String(repeating: " ", count: max(2, 16 - label.count)) + shown)
    }

    private mutating func each(
        _ label: String, _ sql: String, _ text: ([String]) -> String
    ) throws {
        for (i, row) in try query(sql).enumerated() { put(i == 0 ? label : "", text(row)) }
    }

    /// - Parameter times: how often the subjects stand in the statement.
    private func query(_ sql: String, times: Int = 1) throws -> [[String]] {
        let names = person.subjects.map { LedgerReader.Value.text($0) }
        let arguments = (0..<times).flatMap { _ in names }
        return try ledger.rows(sql: sql, arguments: arguments).rows.map { row in
            row.map { value in
                switch value {
                case .null: ""
                case .integer(let number): "\(number)"
                case .real(let number): "\(number)"
                case .text(let text): text
                case .blob: ""
                }
            }
        }
    }
}

private func day(_ milliseconds: String) -> String {
    guard let time = Int64(milliseconds) else { return "" }
    var text = [UInt8](repeating: 0, count: 24)
    text.withUnsafeMutableBufferPointer { writeTimestamp(time, to: $0.baseAddress!) }
    return String(decoding: text.prefix(10), as: UTF8.self)
}
