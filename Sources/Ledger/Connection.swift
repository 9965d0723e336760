import GRDB
import GRDBSQLite
import Glibc
import Synchronization

/// How the writing connection is opened.
enum Connection {
    static func open(
        _ path: String, settings: Ledger.Settings, patience: Patience = Patience(),
        notice: @escaping @Sendable (String) -> Void
    ) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "ledger"
        configuration.journalMode = .wal
        let seconds = settings.busySeconds
        let busy = BusyNotice(notice)
        configuration.busyMode = .callback { tries in
            if patience.isShort.load(ordering: .relaxed) { return false }
            busy.isWaiting()
            // 10 ms each.
            usleep(10_000)
            return tries < seconds * 100
        }
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            try db.execute(sql: "PRAGMA cache_size = -\(settings.cacheBytes / 1024)")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = \(settings.checkpointPages)")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            // Who is erased must not live on in the free bytes of pages.
            try db.execute(sql: "PRAGMA secure_delete = ON")
            // Upserts need no foreign keys, and triggers must fire once.
            try db.execute(sql: "PRAGMA recursive_triggers = OFF")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    static func translate(_ error: DatabaseError, path: String) -> LedgerError {
        let code = error.extendedResultCode.rawValue
        let message = error.message ?? ""
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: return .malformed(path: path, detail: message)
        default: return .sqlite(code: code, message: message)
        }
    }
}

/// Whether a lock that somebody holds is worth waiting for.
final class Patience: Sendable {
    let isShort = Atomic(false)
}

/// Says once per process that another process holds the lock.
private final class BusyNotice: Sendable {
    private let said = Atomic(false)
    private let notice: @Sendable (String) -> Void

    init(_ notice: @escaping @Sendable (String) -> Void) { self.notice = notice }

    func isWaiting() {
        if !said.exchange(true, ordering: .relaxed) {
            notice(
                "another process holds the ledger's write lock: waiting, counters stand still; end it, or let it open the ledger with mode=ro"
            )
        }
    }
}
