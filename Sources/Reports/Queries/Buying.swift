extension Report {
    /// Money in minor units of its currency; currencies are never added up.
    package static let best = Report(
        name: "best",
        summary: "the best customers by recency, frequency and money (5 is best), per currency",
        parameters: [.optional(.currency)],
        columns: [
            text("person", "person"), text("name", "name"), text("email", "e-mail"),
            flag("may_contact", "may contact"), text("currency", "currency"),
            count("r", "r"), count("f", "f"), count("m", "m"),
            count("recency_days", "days since"), count("orders", "orders"),
            count("revenue", "revenue"),
        ],
        sql: """
            SELECT b.person, \(Person.profile("name", of: "b.person")),
              \(Person.profile("email", of: "b.person")), \(Person.mayMail("b.person")),
              b.currency, b.r, b.f, b.m, b.recency_days, b.frequency, b.monetary
            FROM (SELECT * FROM person_rfm WHERE currency = COALESCE(?2, currency)
              ORDER BY r + f + m DESC, monetary DESC, person LIMIT ?1) b
            ORDER BY b.r + b.f + b.m DESC, b.monetary DESC, b.person
            """)

    package static let buyers = Report(
        name: "buyers",
        summary: "per buyer: orders, average order and its change, channels, categories",
        parameters: [.optional(.currency)],
        columns: [
            text("person", "person"), text("currency", "currency"), count("orders", "orders"),
            number("average", "average"), number("change", "change"),
            number("slope", "slope/day"), number("orders_per_30d", "per 30 days"),
            text("by_channel", "by channel"), text("prefers", "prefers"),
            count("categories", "categories"),
        ],
        sql: """
            SELECT a.person, a.currency, a.orders, ROUND(a.aov, 1), ROUND(a.aov_change, 3),
              ROUND(a.aov_slope_per_day, 3),
              ROUND(a.orders * 30.0 / MAX(30, (c.now_ms - t.first_order_ms) / 86400000), 2),
              (SELECT GROUP_CONCAT(x.channel || ' ' || x.orders, ', ') FROM person_channel x
                WHERE x.person = a.person AND x.orders > 0),
              (SELECT q.channel FROM preference_history q
                JOIN identity i ON i.subject = q.subject WHERE i.person = a.person
                AND q.kind = 'purchase' AND q.stance = 'prefer'
                AND NOT EXISTS (SELECT 1 FROM preference_history l WHERE l.subject = q.subject
                  AND l.kind = q.kind AND l.channel = q.channel AND l.topic = q.topic
                  AND l.context = q.context AND (l.time_ms, l.seq) > (q.time_ms, q.seq))
                ORDER BY q.time_ms DESC, q.seq DESC LIMIT 1),
              (SELECT COUNT(DISTINCT g.category) FROM subject_category g
                JOIN identity i ON i.subject = g.subject WHERE i.person = a.person)
            FROM person_aov a JOIN person_total t ON t.person = a.person, clock c
            WHERE a.currency = COALESCE(?2, a.currency)
            ORDER BY a.orders DESC, a.person, a.currency LIMIT ?1
            """)
}
