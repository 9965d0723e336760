import Engagement
import Rollup
import TestSupport
import Testing

@testable import Ledger

@Suite struct KeyOrderTests {
    /// Customers whose ids share long beginnings, differ in length or hold bytes above 0x7f, on three
    /// channels, some of them forgotten on the way.
    private func lines(_ random: inout SeededRNG, count: Int) -> [UInt8] {
        var text = ""
        for seq in 1...count {
            let n = random.next() % 400
            let customer =
                switch n % 4 {
                case 0: "k\(n)"
                case 1: "a-rather-long-beginning-\(n)"
                case 2: "a-rather-long-beginning"
                default: "é\(n)"
                }
            let fields =
                switch random.next() % 8 {
                case 0: #""type":"newsletter_sent","newsletter":"n\#(n % 5)","issue":"i""#
                case 1: #""type":"contact","channel":"phone","direction":"in""#
                case 2 where n % 16 == 0: #""type":"forget""#
                default: #""type":"page_view""#
                }
            text +=
                #"{"seq":\#(seq),"received":"2026-11-21T12:00:00.000Z","via":"tcp","id":"e\#(seq)","site":"shop","customer":"\#(customer)",\#(fields)}"#
                + "\n"
        }
        return Array(text.utf8)
    }

    @Test(arguments: [20, 3_000], [1, 2, 3] as [UInt64])
    func `rows come in the order of their keys' bytes, those of the forgotten left out`(
        count: Int, seed: UInt64
    ) throws {
        var random = SeededRNG(seed)
        let ledger = try TemporaryLedger()
        for batch in EventLines().batches(lines(&random, count: count), cut: { _ in false }) {
            try ledger.take(batch)
        }
        let delta = ledger.folder.delta
        let order = KeyOrder(delta)
        for table in delta.tables {
            let kinds = table.shape.keys.map(\.kind)
            func key(_ row: Int) -> [[UInt8]] {
                kinds.indices.map { part in
                    let value = table.rows.key(row, part)
                    let id = Int32(truncatingIfNeeded: value)
                    switch kinds[part] {
                    case .integer:
                        return withUnsafeBytes(of: UInt64(bitPattern: value ^ .min).bigEndian) {
                            Array($0)
                        }
                    case .text: return Array(delta.words.bytes(id))
                    case .subject: return Array(delta.subjects.bytes(id))
                    case .author: return value < 0 ? [] : Array(delta.subjects.bytes(id))
                    }
                }
            }
            func isDead(_ row: Int) -> Bool {
                kinds.indices.contains { part in
                    kinds[part] == .subject
                        && delta.rooms.states.isDead(Int32(table.rows.key(row, part)))
                }
            }
            let expected = (0..<table.rows.count).filter { !isDead($0) }.map(key)
                .sorted { $0.lexicographicallyPrecedes($1) { $0.lexicographicallyPrecedes($1) } }
            #expect(order.rows(table).map { key(Int($0)) } == expected, "seed \(seed)")
        }
        #expect(count < 100 || !delta.purges.isEmpty, "seed \(seed)")
    }
}
