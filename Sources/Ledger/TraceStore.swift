import Engagement
import GRDBSQLite

/// The stored trace: on which (site, day, type) each subject's lines were counted.
///
/// A row per subject would cost as much as `subject_total`, so each flush adds one *run*: entries
/// sorted by the subject's hash, cut into chunks of about a page that are inserted densely. When a
/// size class holds 16 runs they are merged into one. Withdrawals are rare: they probe every run.
///
/// A chunk's rowid is the run number (16 bits) and the upper 47 bits of its first hash; a subject's
/// entries never span chunks. An entry is 16 bytes: hash, then day + 64 (22 bits), type (6), site
/// code (20), count (16). Two subjects with one 64-bit hash would share their lines: at 10 million
/// subjects one chance in 400,000.
final class TraceStore {
    struct Place {
        var site: String
        var day: Int64
        var type: EventType
        var count: Int64
    }

    static let chunkEntries = 250
    static let fanIn = 16
    /// A run with this many entries is not merged any more.
    static let fullRun = 2 << 20

    private let insertChunk: Statement
    private let probe: Statement
    private let replaceChunk: Statement
    private let deleteChunk: Statement
    private let insertRun: Statement
    private let deleteRun: Statement
    private let deleteChunks: Statement
    private let insertSite: Statement
    private let connection: OpaquePointer
    /// Entries of each run.
    private var runs: [Int64: Int] = [:]
    private var sites: [String] = []
    private var siteCodes: [String: Int] = [:]
    /// Filled anew before each transaction: a rolled-back one leaves nothing behind.
    private let loadRuns: Statement
    private let loadSites: Statement

    init(_ connection: OpaquePointer) throws(LedgerError) {
        self.connection = connection
        let trace = InternalTable.trace
        insertChunk = try Statement(
            connection, "INSERT INTO \(trace) (chunk, entries) VALUES (?, ?)")
        probe = try Statement(
            connection,
            "SELECT chunk, entries FROM \(trace) WHERE chunk <= ? ORDER BY chunk DESC LIMIT 1")
        replaceChunk = try Statement(
            connection, "UPDATE \(trace) SET entries = ?2 WHERE chunk = ?1")
        deleteChunk = try Statement(connection, "DELETE FROM \(trace) WHERE chunk = ?")
        deleteChunks = try Statement(connection, "DELETE FROM \(trace) WHERE chunk BETWEEN ? AND ?")
        insertRun = try Statement(
            connection, "INSERT INTO \(InternalTable.traceRun) (run, entries) VALUES (?, ?)")
        deleteRun = try Statement(connection, "DELETE FROM \(InternalTable.traceRun) WHERE run = ?")
        insertSite = try Statement(
            connection, "INSERT INTO \(InternalTable.traceSite) (code, site) VALUES (?, ?)")
        loadRuns = try Statement(connection, "SELECT run, entries FROM \(InternalTable.traceRun)")
        loadSites = try Statement(
            connection, "SELECT site FROM \(InternalTable.traceSite) ORDER BY code")
        try reload()
    }

    /// Reads runs and site codes again, after a transaction that was rolled back.
    func reload() throws(LedgerError) {
        runs = [:]
        while try loadRuns.step() { runs[loadRuns.integer(0)] = Int(loadRuns.integer(1)) }
        loadRuns.reset()
        sites = []
        while try loadSites.step() {
            sites.append(String(decoding: loadSites.bytes(0), as: UTF8.self))
        }
        loadSites.reset()
        siteCodes = [:]
        for (code, site) in sites.enumerated() { siteCodes[site] = code }
    }

    /// Adds a delta's trace as a run, and merges runs where there are many of a size.
    func write(_ delta: Delta) throws(LedgerError) {
        var heads: [(hash: UInt64, newest: TraceEntry)] = []
        let totals = delta.rooms.subjectTotal.rows
        heads.reserveCapacity(totals.count)
        for i in 0..<totals.count {
            let subject = Int32(truncatingIfNeeded: totals.key(i, 0))
            let state = delta.rooms.states.state(subject)
            if state.flags.contains(.dead) || state.trace.count == 0 { continue }
            heads.append((delta.subjects.hash(subject), state.trace))
        }
        if heads.isEmpty { return }
        heads.sort { $0.hash < $1.hash }
        var codes: [Int32: UInt64] = [:]
        var lastSite: (Int32, UInt64) = (-1, 0)
        let writer = TraceRunWriter(run: nextRun(), insertChunk)
        var group: [UInt64] = []
        for (hash, newest) in heads {
            group.removeAll(keepingCapacity: true)
            try delta.rooms.trace.each(newest) { entry throws(LedgerError) in
                if lastSite.0 != entry.site {
                    if codes[entry.site] == nil {
                        codes[entry.site] = try siteCode(delta.words.string(entry.site))
                    }
                    lastSite = (entry.site, codes[entry.site] ?? 0)
                }
                TraceEntryCode.append(
                    day: entry.day, type: entry.type, site: lastSite.1, count: Int(entry.count),
                    to: &group)
            }
            try writer.add(hash, &group)
        }
        try finish(writer)
        try mergeRuns()
    }

    /// Takes a subject's lines out of the trace.
    func take(_ hash: UInt64) throws(LedgerError) -> [Place] {
        var places: [Place] = []
        for run in runs.keys.sorted() {
            probe.bind(1, TraceRunWriter.chunk(run, hash))
            guard try probe.step(), probe.integer(0) >= TraceRunWriter.chunk(run, 0) else {
                probe.reset()
                continue
            }
            let chunk = probe.integer(0)
            let entries = TraceEntryCode.read(probe.bytes(1))
            probe.reset()
            let mine = entries.filter { $0.hash == hash }
            guard !mine.isEmpty else { continue }
            for entry in mine {
                let code = TraceEntryCode.unpack(entry.code)
                guard let type = EventType(rawValue: code.type), code.site < sites.count else {
                    continue
                }
                places.append(
                    Place(site: sites[code.site], day: code.day, type: type, count: code.count))
            }
            let rest = entries.filter { $0.hash != hash }
            if rest.isEmpty {
                deleteChunk.bind(1, chunk)
                try deleteChunk.run()
            } else {
                replaceChunk.bind(1, chunk)
                replaceChunk.bind(2, blob: TraceEntryCode.write(rest))
                try replaceChunk.run()
            }
        }
        return places
    }

    private func siteCode(_ site: String) throws(LedgerError) -> UInt64 {
        if let code = siteCodes[site] { return UInt64(code) }
        let code = sites.count
        insertSite.bind(1, Int64(code))
        insertSite.bind(2, copying: site)
        try insertSite.run()
        sites.append(site)
        siteCodes[site] = code
        return UInt64(code)
    }

    private func nextRun() -> Int64 {
        var run: Int64 = 1
        while runs[run] != nil { run += 1 }
        return run
    }

    private func finish(_ writer: TraceRunWriter) throws(LedgerError) {
        try writer.finish()
        guard writer.entryCount > 0 else { return }
        insertRun.bind(1, writer.run)
        insertRun.bind(2, Int64(writer.entryCount))
        try insertRun.run()
        runs[writer.run] = writer.entryCount
    }

    private func mergeRuns() throws(LedgerError) {
        while true {
            var classes: [Int: [Int64]] = [:]
            for (run, entries) in runs where entries < Self.fullRun {
                // Powers of 16.
                classes[(Int.bitWidth - entries.leadingZeroBitCount) / 4, default: []].append(run)
            }
            guard let full = classes.values.first(where: { $0.count >= Self.fanIn }) else { return }
            let writer = TraceRunWriter(run: nextRun(), insertChunk)
            try TraceMerge.merge(full.sorted(), connection, into: writer)
            for run in full {
                deleteChunks.bind(1, TraceRunWriter.chunk(run, 0))
                deleteChunks.bind(2, TraceRunWriter.chunk(run, .max))
                try deleteChunks.run()
                deleteRun.bind(1, run)
                try deleteRun.run()
                runs[run] = nil
            }
            try finish(writer)
        }
    }
}
