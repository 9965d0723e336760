/// Who buys, what led to it, and who is best.
extension SummaryTable {
    static let buying = [
        // Materialised: else the days are looked up anew for each column that asks.
        SummaryTable(
            "influence", answers: 6,
            """
            WITH o AS MATERIALIZED (
              SELECT o.currency, o.amount, COALESCE((
                  SELECT MAX(d.article_views > 0) + 2 * MAX(d.newsletter_clicked > 0)
                  FROM identity i JOIN subject_day d ON d.subject = i.subject
                  WHERE i.person = o.person AND d.day BETWEEN o.day - 30 AND o.day), 0) AS touched
              FROM person_order o)
            SELECT currency, COUNT(*) AS orders, SUM(amount) AS revenue,
              SUM(touched & 1 > 0) AS after_article, SUM(CASE WHEN touched & 1 THEN amount END) AS revenue_after_article,
              SUM(touched & 2 > 0) AS after_newsletter,
              SUM(CASE WHEN touched & 2 THEN amount END) AS revenue_after_newsletter
            FROM o GROUP BY currency
            """),
        SummaryTable(
            "referrers", answers: 16,
            """
            SELECT r.person, r.referred, r.referred_buyers, p.stage
            FROM person_referral r LEFT JOIN person p ON p.person = r.person
            ORDER BY r.referred_buyers DESC, r.referred DESC, r.person LIMIT 50
            """),
        SummaryTable(
            "buyers", answers: 17,
            """
            SELECT a.person, a.currency, a.orders, ROUND(a.aov, 1) AS aov, ROUND(a.aov_change, 3) AS aov_change,
              ROUND(a.aov_slope_per_day, 3) AS slope,
              ROUND(a.orders * 30.0 / MAX(30, (c.now_ms - a.first_order_ms) / 86400000), 2) AS orders_per_30d,
              (SELECT GROUP_CONCAT(x.channel || ' ' || x.orders, ', ') FROM (
                  SELECT h.channel, SUM(h.orders) AS orders FROM identity i JOIN subject_channel h ON h.subject = i.subject
                  WHERE i.person = a.person GROUP BY h.channel) x WHERE x.orders > 0) AS by_channel,
              (SELECT q.channel FROM (
                  SELECT p.channel, p.stance, p.time_ms, LEAD(p.seq) OVER (
                    PARTITION BY p.subject, p.channel, p.topic, p.context ORDER BY p.time_ms, p.seq) AS later
                  FROM identity i JOIN preference_history p ON p.subject = i.subject AND p.kind = 'purchase'
                  WHERE i.person = a.person) q
                WHERE q.later IS NULL AND q.stance = 'prefer' ORDER BY q.time_ms DESC LIMIT 1) AS prefers,
              (SELECT COUNT(DISTINCT g.category) FROM subject_category g JOIN identity i ON i.subject = g.subject
                WHERE i.person = a.person) AS categories
            FROM (SELECT a.*, p.first_order_ms FROM person_aov a JOIN person p ON p.person = a.person
                ORDER BY a.orders DESC, a.person LIMIT 50) a, clock c
            ORDER BY a.orders DESC, a.person
            """),
        SummaryTable(
            "rfm",
            """
            CREATE TABLE rfm (
              person TEXT NOT NULL, currency TEXT NOT NULL, recency_days INTEGER NOT NULL,
              frequency INTEGER NOT NULL, monetary INTEGER NOT NULL,
              r INTEGER NOT NULL, f INTEGER NOT NULL, m INTEGER NOT NULL,
              PRIMARY KEY (person, currency)
            ) STRICT, WITHOUT ROWID;
            INSERT INTO rfm SELECT * FROM person_rfm ORDER BY person, currency
            """),
        SummaryTable(
            "best_customers", answers: 18,
            """
            SELECT b.person, b.currency, b.r, b.f, b.m, (p.last_ms - p.first_ms) / 86400000 AS tenure_days,
              v.frequency, v.recency, v.age, v.monetary
            FROM (SELECT * FROM rfm ORDER BY r + f + m DESC, person LIMIT 50) b
              JOIN clv_input v ON v.person = b.person AND v.currency = b.currency
              JOIN person p ON p.person = b.person
            ORDER BY b.r + b.f + b.m DESC, b.person
            """),
    ]
}
