extension Report {
    /// The oldest first. A case of nobody is one whose person may not be stored.
    package static let open = Report(
        name: "open",
        summary: "complaints and billing or service problems that are still open",
        columns: [
            text("kind", "kind"), text("case", "case"), text("site", "site"),
            text("person", "person"), text("name", "name"), text("email", "e-mail"),
            text("topic", "topic"), text("channel", "channel"),
            count("opened", "opened"), time("since", "since"), count("days", "days"),
        ],
        sql: """
            SELECT o.kind, o.case_id, o.site, o.person, \(Person.profile("name", of: "o.person")),
              \(Person.profile("email", of: "o.person")), o.topic, o.channel, o.opened_n,
              o.last_opened_ms, o.open_days
            FROM open_case o ORDER BY o.last_opened_ms, o.site, o.kind, o.case_id LIMIT ?1
            """)

    package static let cases = Report(
        name: "cases",
        summary: "how complaints and problems are handled: hours, satisfaction, reopened",
        columns: [
            text("kind", "kind"), text("outcome", "outcome"), count("cases", "cases"),
            number("hours", "hours"), number("satisfaction", "satisfaction"),
            count("reopened", "reopened"), count("still_open", "still open"),
        ],
        sql: """
            SELECT kind, COALESCE(outcome, '(open)') AS result, COUNT(*),
              ROUND(AVG(closed_ms - opened_ms) / 3600000.0, 1), ROUND(AVG(satisfaction), 1),
              SUM(opened_n > 1),
              SUM(opened_n > 0 AND (closed_ms IS NULL OR closed_ms < last_opened_ms))
            FROM cases GROUP BY kind, result ORDER BY kind, result LIMIT ?1
            """)
}
