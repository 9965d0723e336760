extension Report {
    /// One row per issue. Opens and clicks of machines (image proxies, link scanners) stand beside
    /// those of people, never within them; clickers are distinct persons.
    package static let newsletters = Report(
        name: "newsletters",
        summary: "each newsletter issue: sent, delivered, opened, clicked, and the top link",
        columns: [
            text("newsletter", "newsletter"), text("issue", "issue"), count("sent", "sent"),
            count("delivered", "delivered"), count("opened", "opened"),
            count("opened_machine", "by machine"), count("clicked", "clicked"),
            count("clicked_machine", "by machine"), count("clickers", "clickers"),
            count("unsubscribed", "unsubscribed"), text("top_link", "top link"),
        ],
        sql: """
            SELECT t.newsletter, t.issue, t.sent, t.delivered, t.opened, t.opened_machine,
              t.clicked, t.clicked_machine,
              (SELECT COUNT(DISTINCT i.person) FROM issue_click k
                JOIN identity i ON i.subject = k.subject
                WHERE k.newsletter = t.newsletter AND k.issue = t.issue),
              t.unsubscribed,
              (SELECT l.link FROM issue_link l
                WHERE l.newsletter = t.newsletter AND l.issue = t.issue
                ORDER BY l.clicked DESC, l.link LIMIT 1)
            FROM issue_total t ORDER BY t.issue DESC, t.newsletter LIMIT ?1
            """)
}
