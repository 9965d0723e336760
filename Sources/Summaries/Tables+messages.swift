/// What newsletters and promotions bring.
extension SummaryTable {
    static let newsletters = [
        SummaryTable(
            "issues", answers: 2, limit: 50,
            """
            SELECT t.newsletter, t.issue, t.delivered, t.clicked, t.clicked_machine,
              COALESCE(k.clickers, 0) AS clickers,
              (SELECT l.link FROM issue_link l WHERE l.newsletter = t.newsletter AND l.issue = t.issue
                ORDER BY l.clicked DESC, l.link LIMIT 1) AS top_link,
              ROUND(t.complained * 1.0 / NULLIF(t.delivered, 0), 4) AS complaint_rate
            FROM issue_total t LEFT JOIN (
              SELECT k.newsletter, k.issue, COUNT(DISTINCT i.person) AS clickers
              FROM issue_click k CROSS JOIN identity i ON i.subject = k.subject GROUP BY k.newsletter, k.issue) k
              ON k.newsletter = t.newsletter AND k.issue = t.issue
            ORDER BY t.issue DESC, t.newsletter
            """),
        SummaryTable(
            "clickers", answers: 3,
            """
            SELECT p.persona, p.gender, CAST(p.birth_year AS INTEGER) / 10 * 10 AS decade, COUNT(*) AS clickers
            FROM (SELECT DISTINCT i.person FROM issue_click k JOIN identity i ON i.subject = k.subject) k
              LEFT JOIN person p ON p.person = k.person
            GROUP BY 1, 2, 3 ORDER BY clickers DESC, 1, 2, 3
            """),
    ]

    static let promotions = [
        SummaryTable(
            "promotions", answers: 4,
            """
            SELECT t.promotion, t.channel, t.shown, t.responded, t.orders,
              ROUND(t.responded * 1.0 / NULLIF(t.shown, 0), 3) AS response_rate, s.hours AS hours_to_response
            FROM promotion_total t LEFT JOIN (
              SELECT promotion, ROUND(AVG(first_response_ms - first_shown_ms) / 3600000.0, 1) AS hours
              FROM subject_promotion WHERE first_response_ms >= first_shown_ms GROUP BY promotion) s
              ON s.promotion = t.promotion
            ORDER BY t.promotion, t.channel
            """),
        SummaryTable(
            "returns", answers: 20,
            """
            SELECT kind, name, currency, spend, orders, revenue,
              ROUND((revenue - spend) * 1.0 / NULLIF(spend, 0), 3) AS roi, spend / NULLIF(orders, 0) AS spend_per_order
            FROM activity_money ORDER BY kind, name, currency
            """),
    ]
}
