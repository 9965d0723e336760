import LifetimeValue
import TestSupport

/// The published sample on which the models' authors showed them (Tests/Fixtures/clv/cdnow.csv).
enum CDNOW {
    static func histories() throws -> [PurchaseHistory: Int] {
        try counted { PurchaseHistory(repeats: $0[0], recencyDays: $0[1], ageDays: $0[2]) }
    }

    /// In cents.
    static func spendings() throws -> [RepeatSpending: Int] {
        try counted { RepeatSpending(repeats: $0[0], mean: Double($0[3])) }
    }

    /// Repeats, recency and age in days, mean value in cents.
    static func rows() throws -> [[Int]] {
        try Repository.text("Tests/Fixtures/clv/cdnow.csv").split(separator: "\n")
            .filter { $0.first?.isNumber == true }
            .map { line in line.split(separator: ",").compactMap { Int($0) } }
    }

    private static func counted<Value: Hashable>(
        _ make: ([Int]) -> Value?
    ) throws -> [Value: Int] {
        try rows().compactMap(make).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}
