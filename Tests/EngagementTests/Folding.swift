import Engagement
import TestSupport

/// Orders and refunds that a ledger would know.
final class KnownKeys: NaturalKeys {
    var keys: Set<String> = []
    func contains(
        _ kind: NaturalKind, site: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer
    ) throws -> Bool {
        keys.contains(
            "\(kind) \(String(decoding: site, as: UTF8.self)) \(String(decoding: key, as: UTF8.self))"
        )
    }
}

/// Folds lines written as fields, and shows the delta's rows as text.
struct Folding {
    static let noon: Int64 = 1_795_262_400_000  // 2026-11-21T12:00:00Z
    let fold: Fold
    let known = KnownKeys()
    private var nextSeq: UInt64 = 1
    var verdicts: [Fold.Verdict] = []

    init(withdrawn: [String] = []) {
        let stored = StoredState(
            progress: Progress(), hashKey: HashKey(a: 1, b: 2),
            withdrawn: withdrawn.map { Array($0.utf8) })
        fold = Fold(stored, naturalKeys: known)
    }

    /// `fields`: JSON text behind seq, received, via, id and site.
    mutating func line(_ fields: String, site: String = "shop") throws {
        let text =
            #"{"seq":\#(nextSeq),"received":"2026-11-21T12:00:00.000Z","via":"tcp","id":"e\#(nextSeq)","site":"\#(site)",\#(fields)}"#
        for batch in EventLines().batches(Array((text + "\n").utf8), cut: { _ in false }) {
            for i in 0..<batch.lineCount {
                verdicts.append(try fold.fold(batch, index: i, seq: batch.firstSeq + UInt64(i)))
            }
        }
        nextSeq += 1
    }

    /// Rows of a table that would be written: key parts, then the values that aren't blank.
    func rows(_ name: String) -> [String] {
        let delta = fold.delta
        guard let table = delta.tables.first(where: { $0.shape.name == name }) else { return [] }
        var out: [String] = []
        rows: for i in 0..<table.rows.count {
            var parts: [String] = []
            for (p, column) in table.shape.keys.enumerated() {
                let value = table.rows.key(i, p)
                if column.kind == .subject, delta.rooms.states.isDead(Int32(value)) {
                    continue rows
                }
                parts.append(show(value, column.kind))
            }
            for (v, column) in table.shape.values.enumerated() {
                let value = table.rows.values(i)[v]
                if value == Delta.null || value == 0 && column.kind == .integer { continue }
                if column.kind == .subject, delta.rooms.states.isDead(Int32(value)) {
                    continue rows
                }
                parts.append("\(column.name)=\(show(value, column.kind))")
            }
            out.append(parts.joined(separator: " "))
        }
        return out.sorted()
    }

    private func show(_ value: Int64, _ kind: ColumnKind) -> String {
        switch kind {
        case .integer: return value == Self.noon ? "noon" : "\(value)"
        case .text: return fold.delta.words.string(Int32(value))
        case .subject: return fold.delta.subjects.string(Int32(value))
        case .author:
            let isHeld = value >= 0 && !fold.delta.rooms.states.isDead(Int32(value))
            return isHeld ? fold.delta.subjects.string(Int32(value)) : "nobody"
        }
    }
}
