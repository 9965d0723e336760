import GRDB
import Ledger
import Rollup
import Testing

/// Counters, dropped ranges and progress are one transaction: whichever statement fails, nothing of
/// the delta stays, and the same delta counts once when it is tried again.
@Suite struct AtomicityTests {
    @Test(arguments: ["rollup_progress", "subject_day", "orders"])
    func `a delta that can't be written whole leaves nothing`(_ table: String) throws {
        let ledger = try TemporaryLedger()
        let sound = try TemporaryLedger()
        let first = #""type":"page_view","visitor":"v1","url":"https://shop.example/""#
        let second = #""type":"order","visitor":"v1","order":"o1","amount":1,"currency":"EUR""#
        try ledger.apply(first)
        try sound.apply(first)
        try sound.apply(first, second)

        let before = try ledger.dump()
        let other = try DatabaseQueue(path: ledger.path)
        try other.write { db in
            for event in ["INSERT", "UPDATE"] {
                try db.execute(
                    sql: """
                        CREATE TRIGGER broken_\(event) BEFORE \(event) ON \(table)
                        BEGIN SELECT RAISE(ABORT, 'broken'); END
                        """)
            }
        }
        #expect(throws: LedgerError.self) { try ledger.apply(first, second) }
        #expect(try ledger.dump() == before)

        try other.write { db in
            try db.execute(sql: "DROP TRIGGER broken_INSERT; DROP TRIGGER broken_UPDATE")
        }
        try other.close()
        try ledger.folder.flush()
        #expect(try ledger.dump() == sound.dump())
    }
}
