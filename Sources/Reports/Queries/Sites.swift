extension Report {
    /// One row per site and UTC day, the latest first. `other` is every human event that has no
    /// column of its own; `anonymous` are those whose person may not be stored.
    package static let sites = Report(
        name: "sites",
        summary: "each site by day: page views, clicks, newsletter events, orders, machines",
        columns: [
            day("day", "day"), text("site", "site"), count("page_views", "views"),
            count("clicks", "clicks"), count("newsletter", "newsletter"), count("orders", "orders"),
            count("other", "other"), count("machine", "machine"), count("anonymous", "anonymous"),
        ],
        sql: """
            SELECT day, site,
              SUM(human) FILTER (WHERE type = 'page_view'),
              SUM(human) FILTER (WHERE type = 'click'),
              SUM(human) FILTER (WHERE type GLOB 'newsletter_*'),
              SUM(human) FILTER (WHERE type = 'order'),
              SUM(human) FILTER (WHERE type NOT IN ('page_view', 'click', 'order')
                AND type NOT GLOB 'newsletter_*'),
              SUM(machine), SUM(anonymised)
            FROM site_day GROUP BY day, site ORDER BY day DESC, site LIMIT ?1
            """)
}
