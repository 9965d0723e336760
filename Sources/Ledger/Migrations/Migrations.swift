import Engagement
import GRDB

/// One step of the schema. Once released a step is never edited: the next one changes things.
struct Migration {
    let version: Int
    let sql: String

    var name: String { "v\(version)" }
}

/// Brings a ledger's schema up to date, step by step, each step in one transaction.
///
/// GRDB's migrator keeps the steps reached in its table `grdb_migrations`; who compares two ledgers
/// leaves that table out.
enum Migrations {
    static let all = [
        Migration(version: 1, sql: Migration1.sql),
        Migration(version: 2, sql: Migration2.sql),
    ]

    /// - Parameter last: the newest step to take; tests stop before the end.
    static func run(
        _ queue: DatabaseQueue, path: String, settings: Ledger.Settings, through last: Int = .max
    ) throws {
        try queue.writeWithoutTransaction { db in try refuseStrangers(db, path: path) }
        if let target = all.last(where: { $0.version <= last }) {
            try migrator.migrate(queue, upTo: target.name)
        }
        guard last >= all.count else { return }
        try queue.writeWithoutTransaction { db in
            if try meta(db, "dedupe_window") != "\(settings.dedupeWindow)" {
                try setMeta(db, "dedupe_window", "\(settings.dedupeWindow)")
            }
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for step in all {
            migrator.registerMigration(step.name, foreignKeyChecks: .immediate) { db in
                try db.execute(sql: step.sql)
                try setMeta(db, "schema_version", "\(step.version)")
                if step.version == 1 { try setMeta(db, "hash_key", newHashKey()) }
            }
        }
        return migrator
    }

    /// A later daemon's ledger is left alone, and so is another program's database.
    private static func refuseStrangers(_ db: Database, path: String) throws {
        let applied = try migrator.appliedIdentifiers(db)
        let newest = applied.compactMap { Int($0.dropFirst()) }.max() ?? 0
        let known = all.last?.version ?? 0
        guard newest <= known else {
            throw LedgerError.tooNew(path: path, version: newest, known: known)
        }
        guard applied.isEmpty else { return }
        let tables = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master") ?? 0
        guard tables == 0 else {
            throw LedgerError.malformed(path: path, detail: "another program's database")
        }
    }

    private static func newHashKey() -> String {
        var generator = SystemRandomNumberGenerator()
        let key = HashKey(using: &generator)
        return String(key.a, radix: 16) + "-" + String(key.b, radix: 16)
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
