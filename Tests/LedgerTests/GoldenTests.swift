import Engagement
import Foundation
import Rollup
import TestSupport
import Testing

/// A log of all event types with duplicates, late lines, withdrawals and erasures, and the rows
/// that an independent program made of it (window 120 seqs).
@Suite struct GoldenTests {
    static let window: UInt64 = 120

    static func log() throws -> [UInt8] {
        [UInt8](
            try Data(
                contentsOf: Repository.root.appendingPathComponent(
                    "Tests/Fixtures/ledger/mixed.ndjson")))
    }

    static func expected() throws -> [String] {
        try Repository.text("Tests/Fixtures/ledger/mixed.rows.txt")
            .split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }

    @Test func `one flush makes the expected rows`() throws {
        let ledger = try TemporaryLedger(window: Self.window)
        for batch in EventLines().batches(try Self.log(), cut: { _ in false }) {
            try ledger.take(batch)
        }
        try ledger.folder.flush()
        let rows = try ledger.dump()
        let expected = try Self.expected()
        #expect(rows.count == expected.count)
        for (row, wanted) in zip(rows, expected) where row != wanted {
            Issue.record("\(row)\nexpected \(wanted)")
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `any batches, flushes and restarts make the same rows`(seed: UInt64) throws {
        var rng = SeededRNG(seed)
        let ledger = try TemporaryLedger(window: Self.window)
        let batches = EventLines().batches(try Self.log()) { _ in rng.oneIn(12) }
        for batch in batches {
            try ledger.take(batch)
            if rng.oneIn(3) { try ledger.folder.flush() }
            if rng.oneIn(8) { try ledger.restart(closing: rng.oneIn(2)) }
        }
        try ledger.folder.flush()
        let same = try ledger.dump() == Self.expected()
        #expect(same, "seed \(seed)")
    }
}
