/// A row for each person, and the questions that are answered from these rows.
///
/// The views would meet every subject several times for it. Here the subjects are walked three
/// times, in the order of their persons, in which their rows lie, so that nothing has to be sorted.
extension SummaryTable {
    static let people = [
        SummaryTable(
            "engagement",
            """
            CREATE TEMP TABLE engagement (
              person TEXT NOT NULL PRIMARY KEY, engaged_days INTEGER, in_30d INTEGER, out_30d INTEGER
            ) WITHOUT ROWID;
            INSERT INTO engagement
            SELECT i.person, COUNT(DISTINCT CASE WHEN d.in_n > 0 THEN d.day END),
              SUM(CASE WHEN d.day > (SELECT today FROM clock) - 30 THEN d.in_n END),
              SUM(CASE WHEN d.day > (SELECT today FROM clock) - 30 THEN d.out_n END)
            FROM identity i CROSS JOIN subject_day d ON d.subject = i.subject
            GROUP BY i.person
            """),
        // The last of several answers: its stamp is put in front of it, and the greatest wins.
        SummaryTable(
            "profile",
            """
            CREATE TEMP TABLE profile (
              person TEXT NOT NULL PRIMARY KEY, persona TEXT, gender TEXT, birth_year TEXT,
              household TEXT, has_email INTEGER
            ) WITHOUT ROWID;
            INSERT INTO profile
            SELECT person, substr(MAX(CASE WHEN field = 'persona' THEN stamped END), 32),
              substr(MAX(CASE WHEN field = 'gender' THEN stamped END), 32),
              substr(MAX(CASE WHEN field = 'birth_year' THEN stamped END), 32),
              substr(MAX(CASE WHEN field = 'household' THEN stamped END), 32),
              MAX(field = 'email')
            FROM (SELECT i.person, p.field, printf('%015d%016d', p.time_ms, p.seq) || p.value AS stamped
              FROM identity i CROSS JOIN profile_history p ON p.subject = i.subject)
            GROUP BY person
            """),
        SummaryTable(
            "person",
            """
            CREATE TABLE person (
              person TEXT NOT NULL PRIMARY KEY, known INTEGER NOT NULL, stage INTEGER NOT NULL,
              repeat_buyer INTEGER NOT NULL, engaged_days INTEGER, first_ms INTEGER, last_ms INTEGER,
              in_n INTEGER NOT NULL, out_n INTEGER NOT NULL, in_30d INTEGER, out_30d INTEGER,
              orders INTEGER NOT NULL, first_order_ms INTEGER, disclosures INTEGER NOT NULL,
              has_email INTEGER NOT NULL, persona TEXT, gender TEXT, birth_year TEXT, household TEXT
            ) STRICT, WITHOUT ROWID;
            INSERT INTO person
            SELECT t.person, t.known,
              CASE
                WHEN t.orders > 0 OR t.services > 0 OR t.stories > 0 THEN 5
                WHEN t.leads > 0 THEN 4
                WHEN (t.grants > 0 AND t.disclosures > 0)
                  OR (t.score_n > 0 AND t.score_sum >= 70 * t.score_n)
                  OR (t.sentiment_n > 0 AND t.sentiment_sum > 0)
                  OR t.person IN (SELECT i.person FROM referral r JOIN identity i ON i.subject = r.subject) THEN 3
                WHEN COALESCE(e.engaged_days, 0) >= 2 THEN 2
                WHEN t.in_n + t.out_n > 0 THEN 1
                ELSE 0 END,
              t.orders > 1, e.engaged_days, t.first_ms, t.last_ms, t.in_n, t.out_n, e.in_30d, e.out_30d,
              t.orders, t.first_order_ms, t.disclosures, COALESCE(p.has_email, 0),
              p.persona, p.gender, p.birth_year, p.household
            FROM (SELECT i.person, substr(i.person, 1, 2) = 'c/' AS known,
                MIN(t.first_ms) AS first_ms, MAX(t.last_ms) AS last_ms, SUM(t.in_n) AS in_n, SUM(t.out_n) AS out_n,
                SUM(t.orders) AS orders, MIN(t.first_order_ms) AS first_order_ms,
                SUM(t.score_n) AS score_n, SUM(t.score_sum) AS score_sum,
                SUM(t.sentiment_n) AS sentiment_n, SUM(t.sentiment_sum) AS sentiment_sum,
                SUM(t.leads) AS leads, SUM(t.services) AS services, SUM(t.stories) AS stories,
                SUM(t.grants) AS grants, SUM(t.disclosures) AS disclosures
              FROM identity i CROSS JOIN subject_total t ON t.subject = i.subject
              GROUP BY i.person) t
              LEFT JOIN engagement e ON e.person = t.person LEFT JOIN profile p ON p.person = t.person
            """),
    ]

    static let stages = SummaryTable(
        "stages", answers: 1,
        """
        SELECT n.stage, n.name, COALESCE(s.persons, 0) AS persons, s.known, s.repeat_buyers
        FROM stage_name n LEFT JOIN (
          SELECT stage, COUNT(*) AS persons, SUM(known) AS known, SUM(repeat_buyer) AS repeat_buyers
          FROM person GROUP BY stage) s ON s.stage = n.stage
        ORDER BY n.stage
        """)

    static let balance = SummaryTable(
        "balance", answers: 5,
        """
        SELECT person, in_30d AS they, out_30d AS we, ROUND(in_30d * 1.0 / NULLIF(out_30d, 0), 2) AS balance
        FROM person WHERE known AND in_30d IS NOT NULL ORDER BY we - they DESC, person LIMIT 100
        """)

    static let firstOrders = SummaryTable(
        "first_orders", answers: 9,
        """
        SELECT t.person, (t.first_order_ms - t.first_ms) / 86400000 AS days_to_first_order,
          (SELECT COUNT(DISTINCT d.day) FROM identity i JOIN subject_day d ON d.subject = i.subject
            WHERE i.person = t.person AND d.day < t.first_order_ms / 86400000 AND d.in_n > 0) AS engaged_days_before,
          EXISTS (SELECT 1 FROM permission_history h JOIN identity i ON i.subject = h.subject
            WHERE i.person = t.person AND h.state = 'granted' AND h.time_ms < t.first_order_ms) AS permission_first
        FROM (SELECT person, first_ms, first_order_ms FROM person WHERE orders > 0
          ORDER BY first_order_ms DESC, person LIMIT 200) t
        ORDER BY t.first_order_ms DESC, t.person
        """)

    static let engagements = SummaryTable(
        "engagements", answers: 10,
        """
        SELECT g.persona, EXISTS (SELECT 1 FROM meta WHERE key = 'target_persona/' || g.persona) AS target,
          g.persons, g.second, g.third, g.fifth
        FROM (SELECT p.persona, COUNT(*) AS persons, SUM(e.engaged_days >= 2) AS second,
            SUM(e.engaged_days >= 3) AS third, SUM(e.engaged_days >= 5) AS fifth
          FROM profile p JOIN engagement e ON e.person = p.person GROUP BY p.persona) g
        ORDER BY g.persons DESC, g.persona
        """)

    static let unrelatedEmails = SummaryTable(
        "unrelated_emails", answers: 19,
        """
        SELECT person, in_n, out_n, stage FROM person
        WHERE has_email AND orders = 0 AND in_n - disclosures <= 5 ORDER BY out_n DESC, person
        """)
}
