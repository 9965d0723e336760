extension Report {
    /// Rates divide by everybody who was shown it; hours are of those who answered.
    package static let promotions = Report(
        name: "promotions",
        summary: "each promotion by channel: shown, responses, orders, hours to a response",
        columns: [
            text("promotion", "promotion"), text("channel", "channel"), count("shown", "shown"),
            count("responded", "responded"), number("response_rate", "rate"),
            count("orders", "orders"), number("hours_to_response", "hours"),
        ],
        sql: """
            SELECT t.promotion, t.channel, t.shown, t.responded,
              ROUND(t.responded * 1.0 / NULLIF(t.shown, 0), 3), t.orders,
              (SELECT ROUND(AVG(s.first_response_ms - s.first_shown_ms) / 3600000.0, 1)
                FROM subject_promotion s WHERE s.promotion = t.promotion
                AND s.first_response_ms >= s.first_shown_ms)
            FROM promotion_total t ORDER BY t.promotion, t.channel LIMIT ?1
            """)

    /// Money in minor units; `return` is what a unit spent brought beyond itself.
    package static let activities = Report(
        name: "activities",
        summary: "the return on each campaign, promotion and newsletter",
        parameters: [.optional(.currency)],
        columns: [
            text("kind", "kind"), text("name", "name"), text("currency", "currency"),
            count("spend", "spend"), count("orders", "orders"), count("revenue", "revenue"),
            number("return", "return"), number("spend_per_order", "spend/order"),
        ],
        sql: """
            SELECT kind, name, currency, spend, orders, revenue,
              ROUND((revenue - spend) * 1.0 / NULLIF(spend, 0), 3), spend / NULLIF(orders, 0)
            FROM activity_money WHERE currency = COALESCE(?2, currency)
            ORDER BY kind, name, currency LIMIT ?1
            """)
}
