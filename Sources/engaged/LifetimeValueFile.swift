import Glibc
import Ledger
import LifetimeValue

/// The SQLite file that `engaged clv` makes: what each customer is expected to buy, and the fits
/// behind it. It is no part of the ledger and can be made again at any time.
struct LifetimeValueFile {
    let path: String

    init(_ path: String) { self.path = path }

    /// Where it lies unless `--output` says otherwise.
    init(dataDirectory: String) { path = dataDirectory + "/clv.sqlite" }

    /// Whether nothing lies there but what this command made: it overwrites nothing else, such as the
    /// ledger itself.
    var mayBeReplaced: Bool {
        guard access(path, F_OK) == 0 else { return true }
        return (try? LedgerReader(path).rows(sql: "SELECT COUNT(*) FROM clv_fit")) != nil
    }

    /// Takes the file away when a person is forgotten; the next `engaged clv` makes it without her.
    func remove() throws { try DerivedFile.remove(path) }

    /// Reads the ledger, fits and writes.
    /// - Parameter accept: may refuse what was fitted by throwing: then no file is made.
    func make(
        from ledger: String, horizons: [Int], terms: LifetimeModel.Terms,
        accept: (LifetimeTable) throws -> Void
    ) throws {
        try DerivedFile.replace(path, like: ledger, schema: Self.schema(horizons)) { tables in
            let reader = try LedgerReader(ledger)
            let (buyers, nowMilliseconds) = try Self.read(reader)
            try reader.close()
            let table = LifetimeTable(buyers, horizons: horizons, terms: terms)
            try accept(table)
            for market in table.markets {
                try tables.insert(
                    into: "clv_fit", Self.fit(market, terms: terms, now: nowMilliseconds))
                try table.forEach(market) { buyer, outlook in
                    try tables.insert(
                        into: "clv", Self.row(buyer, outlook, currency: market.currency))
                }
            }
        }
    }

    private static func schema(_ horizons: [Int]) -> String {
        let outlook = horizons.map { ", purchases_\($0)d REAL NOT NULL, value_\($0)d REAL" }
        return """
            CREATE TABLE clv (
              person TEXT NOT NULL, currency TEXT NOT NULL, frequency INTEGER NOT NULL,
              recency INTEGER NOT NULL, age INTEGER NOT NULL, monetary REAL,
              alive REAL NOT NULL, expected_value REAL\(outlook.joined()),
              PRIMARY KEY (person, currency)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE clv_fit (
              currency TEXT NOT NULL PRIMARY KEY, as_of_ms INTEGER NOT NULL, refused TEXT,
              customers INTEGER NOT NULL, repeat_buyers INTEGER NOT NULL,
              r REAL, alpha_days REAL, a REAL, b REAL, buying_log_likelihood REAL,
              p REAL, q REAL, gamma REAL, spending_log_likelihood REAL,
              correlation REAL, evaluations INTEGER, at_edge INTEGER,
              margin REAL NOT NULL, discount_rate REAL NOT NULL
            ) STRICT, WITHOUT ROWID;
            """
    }

    /// Buyers by currency, and the time up to which they bought.
    private static func read(
        _ reader: LedgerReader
    ) throws -> (buyers: [String: [LifetimeTable.Buyer]], nowMilliseconds: Int64) {
        var buyers: [String: [LifetimeTable.Buyer]] = [:]
        var now: Int64 = 0
        try reader.forEach(sql: "SELECT now_ms FROM clock") { now = $0[0].integer ?? 0 }
        try reader.forEach(
            sql: "SELECT person, currency, frequency, recency, age, monetary FROM clv_input"
        ) { row in
            guard case .text(let person) = row[0], case .text(let currency) = row[1],
                let repeats = row[2].integer, let recency = row[3].integer,
                let age = row[4].integer,
                // nil: her last order lies after the time that `as_of_ms` sets.
                let history = PurchaseHistory(
                    repeats: Int(repeats), recencyDays: Int(recency), ageDays: Int(age))
            else { return }
            buyers[currency, default: []].append(
                LifetimeTable.Buyer(person: person, history: history, mean: row[5].real))
        }
        return (buyers, now)
    }

    private static func row(
        _ buyer: LifetimeTable.Buyer, _ outlook: LifetimeTable.Outlook, currency: String
    ) -> [LedgerReader.Value] {
        let history = buyer.history
        var row: [LedgerReader.Value] = [
            .text(buyer.person), .text(currency), .integer(Int64(history.repeats)),
            .integer(Int64(history.recencyDays)), .integer(Int64(history.ageDays)),
            .init(buyer.mean), .real(outlook.alive), .init(outlook.meanValue),
        ]
        for (purchases, value) in zip(outlook.purchases, outlook.values) {
            row += [.real(purchases), .init(value)]
        }
        return row
    }

    private static func fit(
        _ market: LifetimeTable.Market, terms: LifetimeModel.Terms, now: Int64
    ) -> [LedgerReader.Value] {
        let again = market.buyers.count { $0.history.repeats > 0 }
        var row: [LedgerReader.Value] = [.text(market.currency), .integer(now)]
        let counts: [LedgerReader.Value] = [
            .integer(Int64(market.buyers.count)), .integer(Int64(again)),
        ]
        switch market.model {
        case .failure(let refusal):
            row += [.text("\(refusal)")] + counts + Array(repeating: .null, count: 12)
        case .success(let model):
            let buying = model.buying
            let spending = try? model.spending.get()
            let isAtEdge = buying.isAtEdge || spending?.isAtEdge ?? false
            row += [.null] + counts
            row += [
                .real(buying.model.r), .real(buying.model.alpha), .real(buying.model.a),
                .real(buying.model.b), .real(buying.logLikelihood), .init(spending?.model.p),
                .init(spending?.model.q), .init(spending?.model.gamma),
                .init(spending?.logLikelihood), .init(model.correlation),
                .integer(Int64(buying.evaluations + (spending?.evaluations ?? 0))),
                .integer(isAtEdge ? 1 : 0),
            ]
        }
        return row + [.real(terms.margin), .real(terms.discountRate)]
    }
}

extension LedgerReader.Value {
    fileprivate init(_ number: Double?) { self = number.map { .real($0) } ?? .null }

    fileprivate var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    fileprivate var real: Double? {
        switch self {
        case .real(let number): number
        case .integer(let number): Double(number)
        default: nil
        }
    }
}
