import Engagement
import Foundation
import Ledger
import Rollup
import TestSupport

extension MemoryLog: DurableLog {}

/// A ledger file of its own, removed at the end, and a roll-up into it.
final class TemporaryLedger {
    let path: String
    let window: UInt64
    let log: MemoryLog
    private(set) var ledger: Ledger
    private(set) var folder: Folder

    init(window: UInt64 = 20_000_000, log: MemoryLog = MemoryLog()) throws {
        path = NSTemporaryDirectory() + "engaged-ledger-\(UUID().uuidString).sqlite"
        self.window = window
        self.log = log
        (ledger, folder) = try Self.open(path, window, log)
    }

    deinit {
        try? ledger.close()
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    private static func open(_ path: String, _ window: UInt64, _ log: MemoryLog) throws
        -> (Ledger, Folder)
    {
        var settings = Ledger.Settings()
        settings.dedupeWindow = window
        let ledger = try Ledger.open(path, settings: settings)
        return (
            ledger,
            try Folder(log: log, store: ledger, idKey: HashKey(a: 1, b: 2), window: window)
        )
    }

    func take(_ batch: Batch) throws {
        log.append(batch)
        try folder.take(batch)
    }

    /// Folds lines given as fields behind seq, received, via, id and site, and applies them.
    func apply(_ lines: String...) throws {
        var text = ""
        for (i, fields) in lines.enumerated() {
            let seq = folder.next + UInt64(i)
            text +=
                #"{"seq":\#(seq),"received":"2026-11-21T12:00:00.000Z","via":"tcp","id":"e\#(seq)","site":"shop",\#(fields)}"#
                + "\n"
        }
        for batch in EventLines().batches(Array(text.utf8), cut: { _ in false }) { try take(batch) }
        try folder.flush()
    }

    /// As after a crash: what wasn't applied comes again from the log.
    func restart(closing: Bool) throws {
        if closing { try ledger.close() }
        (ledger, folder) = try Self.open(path, window, log)
        try folder.rebuild()
        try folder.catchUp(through: log.watermark)
    }

    /// Every table an analyst sees but the settings, as sorted lines of text.
    func dump() throws -> [String] {
        let reader = try LedgerReader(path)
        defer { try? reader.close() }
        let tables = try reader.rows(
            sql: """
                SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'
                AND name NOT IN ('meta', 'rejected') ORDER BY name
                """)
        var out: [String] = []
        for table in tables.rows.map({ $0[0].shown }) {
            out.append("== " + table)
            out += try reader.rows(sql: "SELECT * FROM \(table)").rows
                .map { $0.map(\.shown).joined(separator: "|") }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
        return out
    }

    /// One query's rows, values joined by "|".
    func rows(_ sql: String) throws -> [String] {
        let reader = try LedgerReader(path)
        defer { try? reader.close() }
        return try reader.rows(sql: sql).rows.map { $0.map(\.shown).joined(separator: "|") }
    }
}

extension LedgerReader.Value {
    var shown: String {
        switch self {
        case .null: "NULL"
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        case .text(let value): value
        case .blob(let value): "\(value.count) bytes"
        }
    }
}
