import Engagement
import GRDB

/// One step of the schema. Once released a step is never edited: the next one changes things.
struct Migration {
    let version: Int
    let sql: String
}

/// Brings a ledger's schema up to date, step by step, each step in one transaction.
///
/// The step reached is `PRAGMA user_version`, not a table of GRDB's `DatabaseMigrator`: two
/// ledgers of the same log must hold the same tables.
enum Migrations {
    static let all = [Migration(version: 1, sql: Migration1.sql)]

    static func run(
        _ db: Database, path: String, settings: Ledger.Settings, through last: Int = .max
    ) throws {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let known = all.last?.version ?? 0
        guard version <= known else {
            throw LedgerError.tooNew(path: path, version: version, known: known)
        }
        if version == 0 {
            let strangers = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master") ?? 0
            guard strangers == 0 else {
                throw LedgerError.malformed(path: path, detail: "another program's database")
            }
        }
        for step in all where step.version > version && step.version <= last {
            try db.inTransaction(.immediate) {
                try db.execute(sql: step.sql)
                try db.execute(sql: "PRAGMA user_version = \(step.version)")
                try setMeta(db, "schema_version", "\(step.version)")
                if step.version == 1 {
                    var generator = SystemRandomNumberGenerator()
                    let key = HashKey(using: &generator)
                    try setMeta(
                        db, "hash_key",
                        String(key.a, radix: 16) + "-" + String(key.b, radix: 16))
                }
                return .commit
            }
        }
        if last >= known, try meta(db, "dedupe_window") != "\(settings.dedupeWindow)" {
            try setMeta(db, "dedupe_window", "\(settings.dedupeWindow)")
        }
    }

    static func meta(_ db: Database, _ key: String) throws -> String? {
        try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key])
    }

    private static func setMeta(_ db: Database, _ key: String, _ value: String) throws {
        try db.execute(
            sql:
                "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            arguments: [key, value])
    }
}
