import Engagement
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

@Suite struct MigrationsTests {
    private func temporary() -> String {
        NSTemporaryDirectory() + "engaged-schema-\(UUID().uuidString).sqlite"
    }

    private func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    private func schema(_ path: String) throws -> [String] {
        let reader = try LedgerReader(path)
        defer { try? reader.close() }
        return try reader.rows(
            sql: "SELECT name || ' ' || sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 1"
        )
        .rows.map(\.[0].shown)
    }

    @Test func `every earlier schema is brought up to the newest`() throws {
        let fresh = temporary()
        defer { remove(fresh) }
        try Ledger.open(fresh).close()
        let newest = try schema(fresh)
        for last in 0...(Migrations.all.last?.version ?? 0) {
            let path = temporary()
            defer { remove(path) }
            let queue = try DatabaseQueue(path: path)
            try Migrations.run(queue, path: path, settings: .init(), through: last)
            try queue.close()
            let ledger = try Ledger.open(path)
            try ledger.close()
            #expect(try schema(path) == newest, "from version \(last)")
        }
        #expect(Migrations.all.map(\.version) == Array(1...Migrations.all.count))
    }

    @Test func `schemas ledger sql is the schema`() throws {
        #expect(try Repository.text("schemas/ledger.sql") == Migration1.sql)
    }

    @Test func `every table a delta can hold has the columns it is written with`() throws {
        let path = temporary()
        defer { remove(path) }
        try Ledger.open(path).close()
        let reader = try LedgerReader(path)
        defer { try? reader.close() }
        for shape in Delta.shapes {
            let columns = try reader.rows(
                sql: "SELECT name, pk > 0 FROM pragma_table_info(?)", arguments: [.text(shape.name)]
            ).rows.map { "\($0[0].shown) \($0[1].shown)" }
            let written = shape.keys.map { "\($0.name) 1" } + shape.values.map { "\($0.name) 0" }
            #expect(Set(columns) == Set(written), "\(shape.name)")
        }
    }

    @Test func `a file that is no database is malformed`() throws {
        let path = temporary()
        defer { remove(path) }
        try Data(repeating: 0x41, count: 8_192).write(to: URL(fileURLWithPath: path))
        #expect { try Ledger.open(path) } throws: { ($0 as? LedgerError)?.isDamage == true }
    }

    @Test func `a ledger with a torn page is malformed`() throws {
        let path = temporary()
        defer { remove(path) }
        try Ledger.open(path).close()
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seek(toOffset: 100)
        try file.write(contentsOf: Data(repeating: 0xff, count: 3_000))
        try file.close()
        #expect { try Ledger.open(path) } throws: { ($0 as? LedgerError)?.isDamage == true }
    }

    @Test func `another program's database is not touched`() throws {
        let path = temporary()
        defer { remove(path) }
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "CREATE TABLE mine (x)") }
        try queue.close()
        #expect { try Ledger.open(path) } throws: { ($0 as? LedgerError)?.isDamage == true }
    }

    @Test func `a later version's ledger is left alone`() throws {
        let path = temporary()
        defer { remove(path) }
        try Ledger.open(path).close()
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('v99')") }
        try queue.close()
        #expect(throws: LedgerError.tooNew(path: path, version: 99, known: Migrations.all.count)) {
            try Ledger.open(path)
        }
    }

    @Test func `an empty file becomes a ledger`() throws {
        let path = temporary()
        defer { remove(path) }
        _ = FileManager.default.createFile(atPath: path, contents: Data())
        let ledger = try Ledger.open(path)
        #expect(try ledger.load().progress == Progress())
        try ledger.close()
    }
}
