extension Report {
    /// The most overbearing first: where we speak and they don't.
    package static let balance = Report(
        name: "balance",
        summary: "how often we turned to each customer lately, and how often they to us",
        parameters: [.days(30)],
        columns: [
            text("person", "person"), count("they", "they"), count("we", "we"),
            number("balance", "they/we"),
        ],
        sql: """
            SELECT d.person, SUM(d.in_n) AS they, SUM(d.out_n) AS we,
              ROUND(SUM(d.in_n) * 1.0 / NULLIF(SUM(d.out_n), 0), 2)
            FROM person_day d, clock c WHERE d.day > c.today - ?2 AND d.person LIKE 'c/%'
            GROUP BY d.person ORDER BY we - they DESC, d.person LIMIT ?1
            """)

    /// An avoided channel used since she said so, or more contacts in 30 days than she asked for.
    package static let preferences = Report(
        name: "preferences",
        summary: "whose stated contact preference we break",
        columns: [
            text("person", "person"), text("channel", "channel"), text("context", "context"),
            text("stance", "stance"), number("max_per_30d", "at most"),
            count("out_30d", "out in 30 days"), time("last_out", "last on channel"),
        ],
        sql: """
            SELECT person, channel, context, stance, max_per_30d, out_30d, last_out_ms FROM (
              SELECT i.person, p.channel, p.context, p.stance, p.max_per_30d, p.time_ms,
                (SELECT MAX(c.last_out_ms) FROM identity j
                  JOIN subject_channel c ON c.subject = j.subject
                  WHERE j.person = i.person AND c.channel = p.channel) AS last_out_ms,
                (SELECT SUM(d.out_n) FROM identity j JOIN subject_day d ON d.subject = j.subject,
                  clock k WHERE j.person = i.person AND d.day > k.today - 30) AS out_30d
              FROM preference_current p JOIN identity i ON i.subject = p.subject
              WHERE p.kind = 'contact' AND (p.stance = 'avoid' OR p.max_per_30d IS NOT NULL))
            WHERE (stance = 'avoid' AND last_out_ms > time_ms) OR out_30d > max_per_30d
            ORDER BY person, channel, context LIMIT ?1
            """)

    /// The longest wait first.
    package static let unanswered = Report(
        name: "unanswered",
        summary: "conversations in which the customer had the last word",
        columns: [
            text("person", "person"), text("name", "name"), text("email", "e-mail"),
            text("channel", "channel"), text("thread", "thread"), count("questions", "questions"),
            count("answers", "answers"), time("waiting_since", "waiting since"),
        ],
        sql: """
            SELECT i.person, \(Person.profile("name", of: "i.person")),
              \(Person.profile("email", of: "i.person")), t.channel, t.thread, t.in_n, t.out_n,
              t.last_in_ms
            FROM contact_thread t JOIN identity i ON i.subject = t.subject
            WHERE t.in_n > 0 AND (t.last_out_ms IS NULL OR t.last_in_ms > t.last_out_ms)
            ORDER BY t.last_in_ms, i.person, t.thread LIMIT ?1
            """)
}
