import Engagement
import GRDBSQLite

/// The 64 bits that say where lines were counted, and chunks of them.
enum TraceEntryCode {
    struct Entry {
        var hash: UInt64
        var code: UInt64
    }

    static func append(
        day: Int32, type: UInt8, site: UInt64, count: Int, to group: inout [UInt64]
    ) {
        let place =
            UInt64(UInt32(day + 64) & 0x3f_ffff) << 42 | UInt64(type & 0x3f) << 36
            | (site & 0xf_ffff) << 16
        var rest = count
        while rest > 0 {
            let part = min(rest, 0xffff)
            group.append(place | UInt64(part))
            rest -= part
        }
    }

    static func unpack(_ code: UInt64) -> (day: Int64, type: UInt8, site: Int, count: Int64) {
        (
            Int64(code >> 42) - 64, UInt8(code >> 36 & 0x3f), Int(code >> 16 & 0xf_ffff),
            Int64(code & 0xffff)
        )
    }

    /// Adds up entries of one place.
    static func combine(_ group: inout [UInt64]) {
        guard group.count > 1 else { return }
        group.sort()
        var out = 0
        for code in group.dropFirst() {
            let sum = (group[out] & 0xffff) + (code & 0xffff)
            if group[out] >> 16 == code >> 16, sum <= 0xffff {
                group[out] = code & ~0xffff | sum
            } else {
                out += 1
                group[out] = code
            }
        }
        group.removeLast(group.count - out - 1)
    }

    static func read(_ bytes: UnsafeRawBufferPointer) -> [Entry] {
        (0..<bytes.count / 16).map { i in
            Entry(
                hash: UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: 16 * i, as: UInt64.self)),
                code: UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: 16 * i + 8, as: UInt64.self)))
        }
    }

    static func write(_ entries: [Entry]) -> [UInt64] {
        entries.flatMap { [$0.hash.littleEndian, $0.code.littleEndian] }
    }
}

/// Cuts a run's entries, given in hash order, into chunks.
final class TraceRunWriter {
    let run: Int64
    private(set) var entryCount = 0
    private let insert: Statement
    private var chunk: [UInt64] = []
    private var firstHash: UInt64 = 0

    init(run: Int64, _ insert: Statement) {
        self.run = run
        self.insert = insert
        chunk.reserveCapacity(4 * TraceStore.chunkEntries)
    }

    static func chunk(_ run: Int64, _ hash: UInt64) -> Int64 { run << 47 | Int64(hash >> 17) }

    /// All entries of one subject.
    func add(_ hash: UInt64, _ group: inout [UInt64]) throws(LedgerError) {
        TraceEntryCode.combine(&group)
        let isFull = chunk.count + 2 * group.count > 2 * TraceStore.chunkEntries
        if isFull, !chunk.isEmpty, hash >> 17 != firstHash >> 17 { try flush() }
        if chunk.isEmpty { firstHash = hash }
        for code in group {
            chunk.append(hash.littleEndian)
            chunk.append(code.littleEndian)
        }
        entryCount += group.count
    }

    func finish() throws(LedgerError) { if !chunk.isEmpty { try flush() } }

    private func flush() throws(LedgerError) {
        insert.bind(1, Self.chunk(run, firstHash))
        insert.bind(2, blob: chunk)
        try insert.run()
        chunk.removeAll(keepingCapacity: true)
    }
}

/// Merges runs into one, a chunk of each in memory at a time.
enum TraceMerge {
    private struct Cursor {
        let statement: Statement
        var entries: [TraceEntryCode.Entry] = []
        var next = 0

        init(_ connection: OpaquePointer, _ run: Int64) throws(LedgerError) {
            statement = try Statement(
                connection,
                "SELECT entries FROM \(InternalTable.trace) WHERE chunk BETWEEN ? AND ? ORDER BY chunk"
            )
            statement.bind(1, TraceRunWriter.chunk(run, 0))
            statement.bind(2, TraceRunWriter.chunk(run, .max))
            try refill()
        }

        var hash: UInt64? { next < entries.count ? entries[next].hash : nil }

        mutating func refill() throws(LedgerError) {
            next = 0
            entries = try statement.step() ? TraceEntryCode.read(statement.bytes(0)) : []
        }
    }

    static func merge(_ runs: [Int64], _ connection: OpaquePointer, into writer: TraceRunWriter)
        throws(LedgerError)
    {
        var cursors: [Cursor] = []
        for run in runs { cursors.append(try Cursor(connection, run)) }
        var group: [UInt64] = []
        while let hash = cursors.compactMap(\.hash).min() {
            group.removeAll(keepingCapacity: true)
            for i in cursors.indices where cursors[i].hash == hash {
                while cursors[i].hash == hash {
                    group.append(cursors[i].entries[cursors[i].next].code)
                    cursors[i].next += 1
                }
                if cursors[i].hash == nil { try cursors[i].refill() }
            }
            try writer.add(hash, &group)
        }
    }
}
