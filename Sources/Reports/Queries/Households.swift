extension Report {
    /// Services, newsletters and categories, each as kind/name.
    package static let households = Report(
        name: "households",
        summary: "what each household holds from us, and who mixes an employer plan with retail",
        columns: [
            text("household", "household"), count("persons", "persons"),
            count("holdings", "holdings"), text("what", "what"),
            count("employer_and_retail", "employer and retail"),
        ],
        sql: """
            WITH member AS MATERIALIZED (
              SELECT person, household FROM person_profile WHERE household IS NOT NULL),
            mixed AS MATERIALIZED (
              SELECT m.household, COUNT(*) AS n FROM member m
              WHERE EXISTS (SELECT 1 FROM identity i JOIN service_history s ON s.subject = i.subject
                  WHERE i.person = m.person AND s.plan = 'employer')
                AND EXISTS (SELECT 1 FROM identity i JOIN subject_total t ON t.subject = i.subject
                  WHERE i.person = m.person AND t.orders > 0)
              GROUP BY m.household)
            SELECT m.household, COUNT(DISTINCT m.person),
              COUNT(DISTINCT h.kind || '/' || h.name) AS holdings,
              GROUP_CONCAT(DISTINCT h.kind || '/' || h.name),
              COALESCE((SELECT n FROM mixed x WHERE x.household = m.household), 0)
            FROM member m JOIN person_holding h ON h.person = m.person
            GROUP BY m.household ORDER BY holdings DESC, m.household LIMIT ?1
            """)

    package static let referrers = Report(
        name: "referrers",
        summary: "who refers others, and how many of those buy",
        columns: [
            text("person", "person"), text("name", "name"), text("email", "e-mail"),
            count("referred", "referred"), count("referred_buyers", "of them buyers"),
            text("stage", "stage"),
        ],
        sql: """
            SELECT r.person, \(Person.profile("name", of: "r.person")),
              \(Person.profile("email", of: "r.person")), r.referred, r.referred_buyers, n.name
            FROM person_referral r LEFT JOIN person_stage s ON s.person = r.person
              LEFT JOIN stage_name n ON n.stage = s.stage
            ORDER BY r.referred_buyers DESC, r.referred DESC, r.person LIMIT ?1
            """)
}
