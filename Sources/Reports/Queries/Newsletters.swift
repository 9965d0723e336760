extension Report {
    /// One row per issue. Opens and clicks of machines (image proxies, link scanners) stand beside
    /// those of people, never within them; clickers are distinct persons.
    package static let newsletters = Report(
        name: "newsletters",
        summary: "each newsletter issue: delivered, opened, clickers, top link, complaint rate",
        parameters: [.optional(.newsletter)],
        columns: [
            text("newsletter", "newsletter"), text("issue", "issue"), count("sent", "sent"),
            count("delivered", "delivered"), count("opened", "opened"),
            count("opened_machine", "by machine"), count("clicked", "clicked"),
            count("clicked_machine", "by machine"), count("clickers", "clickers"),
            count("unsubscribed", "unsubscribed"), number("complaint_rate", "complaint rate"),
            text("top_link", "top link"),
        ],
        sql: """
            SELECT t.newsletter, t.issue, t.sent, t.delivered, t.opened, t.opened_machine,
              t.clicked, t.clicked_machine,
              (SELECT COUNT(DISTINCT i.person) FROM issue_click k
                JOIN identity i ON i.subject = k.subject
                WHERE k.newsletter = t.newsletter AND k.issue = t.issue),
              t.unsubscribed, ROUND(t.complained * 1.0 / NULLIF(t.delivered, 0), 4),
              (SELECT l.link FROM issue_link l
                WHERE l.newsletter = t.newsletter AND l.issue = t.issue
                ORDER BY l.clicked DESC, l.link LIMIT 1)
            FROM issue_total t WHERE t.newsletter = COALESCE(?2, t.newsletter)
            ORDER BY t.issue DESC, t.newsletter LIMIT ?1
            """)

    /// What an issue's readers clicked to.
    package static let links = Report(
        name: "links",
        summary: "the links of a newsletter issue, by how often and by how many they were clicked",
        parameters: [.required(.newsletter), .required(.issue)],
        columns: [
            text("link", "link"), count("clicked", "clicked"),
            count("clicked_machine", "by machine"), count("clickers", "clickers"),
        ],
        sql: """
            SELECT l.link, l.clicked, l.clicked_machine,
              (SELECT COUNT(DISTINCT i.person) FROM issue_click k
                JOIN identity i ON i.subject = k.subject
                WHERE k.newsletter = l.newsletter AND k.issue = l.issue AND k.link = l.link)
            FROM issue_link l WHERE l.newsletter = ?2 AND l.issue = ?3
            ORDER BY l.clicked DESC, l.link LIMIT ?1
            """)

    /// A list to act on: a row per person and link. `may_contact` is her permission to be written
    /// to by e-mail; who has unsubscribed from this newsletter shows as such all the same.
    package static let clickers = Report(
        name: "clickers",
        summary: "who clicked what in a newsletter issue, and whether she may be written to",
        parameters: [.required(.newsletter), .required(.issue)],
        columns: [
            text("person", "person"), text("name", "name"), text("email", "e-mail"),
            flag("may_contact", "may contact"), text("newsletter_state", "newsletter"),
            text("link", "link"), count("clicks", "clicks"), time("first_click", "first"),
            time("last_click", "last"),
        ],
        sql: """
            SELECT c.person, \(Person.profile("name", of: "c.person")),
              \(Person.profile("email", of: "c.person")), \(Person.mayMail("c.person")),
              (SELECT n.state FROM identity j JOIN subject_newsletter n ON n.subject = j.subject
                WHERE j.person = c.person AND n.newsletter = ?2 AND n.state IS NOT NULL
                ORDER BY n.state_ms DESC, n.state_seq DESC LIMIT 1),
              c.link, c.clicks, c.first_ms, c.last_ms
            FROM (SELECT i.person, k.link, SUM(k.n) AS clicks, MIN(k.first_ms) AS first_ms,
                MAX(k.last_ms) AS last_ms
              FROM issue_click k JOIN identity i ON i.subject = k.subject
              WHERE k.newsletter = ?2 AND k.issue = ?3 GROUP BY i.person, k.link
              ORDER BY last_ms DESC, i.person, k.link LIMIT ?1) c
            ORDER BY c.last_ms DESC, c.person, c.link
            """)
}
