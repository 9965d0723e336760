extension Report {
    /// Known persons by what they did towards us. `in` counts the customer's actions, `out` ours
    /// towards him; machine opens and clicks are in neither.
    package static let customers = Report(
        name: "customers",
        summary: "the most engaged customers: their actions, ours, and what they did",
        columns: [
            text("customer", "customer"), count("in", "in"), count("out", "out"),
            count("page_views", "views"), count("clicks", "clicks"),
            count("newsletter_clicked", "nl clicks"), count("orders", "orders"),
            time("last_seen", "last seen"),
        ],
        // The view's first two characters of a known person are "c/".
        sql: """
            SELECT substr(person, 3), in_n, out_n, page_views, clicks, newsletter_clicked, orders,
              last_in_ms
            FROM person_total WHERE known
            ORDER BY in_n DESC, last_in_ms DESC, person LIMIT ?1
            """)

    /// Stages 0 to 5, rules: schemas/views.md.
    package static let stages = Report(
        name: "stages",
        summary: "how many people stand at each stage of the relationship",
        columns: [
            count("stage", "stage"), text("name", "name"), count("persons", "persons"),
            count("known", "known"), count("repeat_buyers", "repeat buyers"),
        ],
        sql: """
            SELECT n.stage, n.name, COUNT(s.person), SUM(s.known), SUM(s.repeat_buyer)
            FROM stage_name n LEFT JOIN person_stage s ON s.stage = n.stage
            GROUP BY n.stage ORDER BY n.stage LIMIT ?1
            """)

    /// Days with anything inbound, counted by persona.
    package static let personas = Report(
        name: "personas",
        summary: "per persona: who came a second, third, fifth time",
        columns: [
            text("persona", "persona"), flag("target", "target"), count("persons", "persons"),
            count("second", "second"), count("third", "third"), count("fifth", "fifth"),
        ],
        sql: """
            SELECT p.persona,
              EXISTS (SELECT 1 FROM meta WHERE key = 'target_persona/' || p.persona),
              COUNT(*) AS persons, SUM(e.engaged_days >= 2), SUM(e.engaged_days >= 3),
              SUM(e.engaged_days >= 5)
            FROM person_profile p JOIN person_engagement e ON e.person = p.person
            GROUP BY p.persona ORDER BY persons DESC, p.persona LIMIT ?1
            """)

    /// Five or fewer actions of hers besides telling us about herself, and no order.
    package static let emails = Report(
        name: "emails",
        summary: "e-mail addresses we hold without a relationship behind them",
        columns: [
            text("person", "person"), text("email", "e-mail"), count("in", "in"),
            count("out", "out"), text("stage", "stage"),
        ],
        sql: """
            SELECT p.person, p.email, t.in_n, t.out_n, n.name
            FROM person_profile p JOIN person_total t ON t.person = p.person
              JOIN person_stage s ON s.person = p.person JOIN stage_name n ON n.stage = s.stage
            WHERE p.email IS NOT NULL AND t.orders = 0 AND t.in_n - t.disclosures <= 5
            ORDER BY t.out_n DESC, p.person LIMIT ?1
            """)
}
