extension Report {
    /// The customers of a file that `engaged clv` made, those of most value at the last horizon
    /// first; not a report on the ledger.
    /// - Parameter horizons: days ahead, at least one, as the file was made.
    package static func lifetimeValue(horizons: [Int]) -> Report {
        let outlook = horizons.flatMap { days in
            [
                number("purchases_\(days)d", "purchases \(days) d"),
                number("value_\(days)d", "value \(days) d"),
            ]
        }
        let columns =
            [
                text("person", "person"), text("currency", "currency"),
                count("frequency", "repeats"), count("recency", "recency"), count("age", "age"),
                number("monetary", "mean"), number("alive", "alive"),
                number("expected_value", "expected"),
            ] + outlook
        return Report(
            name: "clv", summary: "what each customer is expected to buy", columns: columns,
            sql: """
                SELECT \(columns.map(\.name).joined(separator: ", ")) FROM clv
                ORDER BY currency, value_\(horizons.last ?? 0)d DESC, person LIMIT ?1
                """)
    }
}
