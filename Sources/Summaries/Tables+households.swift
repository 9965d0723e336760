/// What the people of a household hold from us, together.
extension SummaryTable {
    static let households = [
        SummaryTable(
            "member",
            """
            CREATE TEMP TABLE member (
              household TEXT NOT NULL, person TEXT NOT NULL, subject TEXT NOT NULL,
              PRIMARY KEY (household, person, subject)
            ) WITHOUT ROWID;
            INSERT INTO member SELECT p.household, p.person, i.subject
            FROM profile p CROSS JOIN identity i ON i.person = p.person WHERE p.household IS NOT NULL
            """),
        // As the view person_holding, but only for those who are asked for: the view meets everybody.
        SummaryTable(
            "holding",
            """
            CREATE TEMP TABLE holding AS
            SELECT m.household, m.person, 'service/' || s.service AS name
            FROM member m CROSS JOIN service_history s ON s.subject = m.subject
            WHERE s.state = 'started' AND NOT EXISTS (SELECT 1 FROM service_history t
              WHERE t.subject = s.subject AND t.service = s.service AND (t.time_ms, t.seq) > (s.time_ms, s.seq))
            UNION ALL SELECT m.household, m.person, 'newsletter/' || n.newsletter
            FROM member m CROSS JOIN subject_newsletter n ON n.subject = m.subject WHERE n.state = 'subscribed'
            UNION ALL SELECT m.household, m.person, 'category/' || c.category
            FROM member m CROSS JOIN subject_category c ON c.subject = m.subject
            """),
        SummaryTable(
            "households", answers: 15,
            """
            SELECT g.household, g.persons, g.holdings, g.what,
              (SELECT COUNT(DISTINCT q.person) FROM member q WHERE q.household = g.household
                AND EXISTS (SELECT 1 FROM member i JOIN service_history s ON s.subject = i.subject
                  WHERE i.household = q.household AND i.person = q.person AND s.plan = 'employer')
                AND EXISTS (SELECT 1 FROM member i JOIN subject_total t ON t.subject = i.subject
                  WHERE i.household = q.household AND i.person = q.person AND t.orders > 0)) AS employer_and_retail
            FROM (SELECT household, COUNT(DISTINCT person) AS persons, COUNT(DISTINCT name) AS holdings,
                GROUP_CONCAT(DISTINCT name) AS what
              FROM (SELECT * FROM holding ORDER BY household, name)
              GROUP BY household ORDER BY holdings DESC, household LIMIT 100) g
            ORDER BY g.holdings DESC, g.household
            """),
    ]
}
