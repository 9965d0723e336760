/// What people told us, and how well we listened.
extension SummaryTable {
    static let dialogue = [
        SummaryTable(
            "broken_preferences", answers: 7,
            """
            SELECT i.person, p.channel, p.context, p.stance, p.max_per_30d,
              (SELECT MAX(c.last_out_ms) FROM identity j JOIN subject_channel c ON c.subject = j.subject
                WHERE j.person = i.person AND c.channel = p.channel) AS last_out_ms,
              (SELECT SUM(d.out_n) FROM identity j JOIN subject_day d ON d.subject = j.subject, clock k
                WHERE j.person = i.person AND d.day > k.today - 30) AS out_30d
            FROM preference_current p JOIN identity i ON i.subject = p.subject
            WHERE p.kind = 'contact'
              AND ((p.stance = 'avoid' AND last_out_ms > p.time_ms) OR out_30d > p.max_per_30d)
            ORDER BY i.person, p.channel, p.context
            """),
        SummaryTable(
            "changed_interests", answers: 8,
            """
            SELECT i.person, h.interest, h.was, h.stance, h.time_ms
            FROM (SELECT subject, interest, stance, time_ms,
                LAG(stance) OVER (PARTITION BY subject, interest ORDER BY time_ms, seq) AS was
              FROM interest_history) h JOIN identity i ON i.subject = h.subject
            WHERE h.was <> h.stance ORDER BY h.time_ms DESC
            """),
        SummaryTable(
            "satisfaction", answers: 11,
            """
            SELECT strftime('%Y-%m', time_ms / 1000, 'unixepoch') AS month, kind, COUNT(*) AS n,
              ROUND(AVG(score), 1) AS score, ROUND(AVG(score < 40), 3) AS share_bad,
              ROUND(AVG(sentiment), 1) AS sentiment
            FROM feedback GROUP BY 1, 2 ORDER BY 1, 2
            """),
        SummaryTable(
            "handled_cases", answers: 12,
            """
            SELECT kind, COALESCE(outcome, '(open)') AS outcome, COUNT(*) AS cases,
              ROUND(AVG(closed_ms - opened_ms) / 3600000.0, 1) AS hours,
              ROUND(AVG(satisfaction), 1) AS satisfaction, SUM(opened_n > 1) AS reopened,
              SUM(opened_n > 0 AND (closed_ms IS NULL OR closed_ms < last_opened_ms)) AS still_open
            FROM cases GROUP BY 1, 2 ORDER BY 1, 2
            """),
        SummaryTable(
            "complaint_effects", answers: 13,
            """
            SELECT outcome, loyalty, COUNT(*) AS complaints, SUM(orders_before) AS orders_before,
              SUM(orders_after) AS orders_after, ROUND(AVG(satisfaction), 1) AS satisfaction
            FROM complaint_effect WHERE complete GROUP BY outcome, loyalty ORDER BY outcome, loyalty
            """),
        SummaryTable(
            "conversations", answers: 14,
            """
            SELECT channel, COUNT(*) AS threads, SUM(last_out_ms IS NULL OR last_in_ms > last_out_ms) AS unanswered,
              ROUND(AVG(CASE WHEN first_out_ms >= first_in_ms THEN first_out_ms - first_in_ms END) / 3600000.0, 1)
                AS hours_to_answer,
              SUM(in_n) AS questions, SUM(out_n) AS answers
            FROM contact_thread WHERE in_n > 0 GROUP BY channel ORDER BY threads DESC, channel
            """),
    ]
}
