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
}
