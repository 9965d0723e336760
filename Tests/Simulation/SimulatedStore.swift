import Engagement
import TestSupport

/// A ledger in memory. Each commit is whole; a power cut may undo the newest, back to the last
/// checkpoint, as SQLite's write-ahead log with `synchronous=NORMAL` may.
final class SimulatedStore: DeltaStore {
    struct Locked: Error {}

    struct Commit {
        var progress = Progress()
        var counters = Counters()
        var dropped: [ClosedRange<UInt64>] = []
    }

    private var commits = [Commit()]
    /// Commits that a power cut leaves.
    private var permanent = 1
    /// Copies that no power cut undoes, oldest first.
    private(set) var snapshots: [Commit] = []
    /// How many of the next calls fail.
    var failures = 0
    /// The highest seq that is durable, as the log's readers know.
    var durable: () -> UInt64 = { 0 }
    private let referee: Referee
    private let key: HashKey

    init(_ referee: Referee, key: HashKey) {
        self.referee = referee
        self.key = key
    }

    var newest: Commit { commits[commits.count - 1] }

    func powerCut(_ rng: inout SeededRNG) {
        commits.removeLast(Int.random(in: 0...(commits.count - permanent), using: &rng))
    }

    /// Deleted, or an older copy put in its place; where lines were retired none that is older than
    /// any snapshot.
    func goBack(_ rng: inout SeededRNG) {
        let oldest = snapshots.first?.progress.lastSeq ?? 0
        let choice = commits.filter { $0.progress.lastSeq >= oldest }.count
        if oldest > 0, choice == 0 || rng.oneIn(3) {
            commits = [Commit()]
        } else {
            commits.removeLast(Int.random(in: 0..<choice, using: &rng))
        }
        permanent = min(permanent, commits.count)
    }

    /// Two are kept.
    func makeSnapshot() { snapshots = snapshots.suffix(1) + [newest] }

    /// What a start does with a ledger that ends before the log begins.
    /// - Returns: false: no snapshot reaches the log either.
    func restore(for first: UInt64) -> Bool {
        if newest.progress.lastSeq + 1 >= first { return true }
        guard let snapshot = snapshots.last, snapshot.progress.lastSeq + 1 >= first else {
            return false
        }
        commits = [snapshot]
        permanent = 1
        return true
    }

    private func meet() throws {
        if failures > 0 {
            failures -= 1
            throw Locked()
        }
    }

    func load() throws -> StoredState {
        try meet()
        return StoredState(progress: newest.progress, hashKey: key, dropped: newest.dropped)
    }

    func contains(
        _ kind: NaturalKind, site: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer
    ) throws -> Bool { false }

    func apply(_ delta: Delta) throws -> Progress {
        try meet()
        let added = delta.progress
        var commit = newest
        referee.expect(
            added.lastSeq > commit.progress.lastSeq,
            "the ledger went from seq \(commit.progress.lastSeq) to \(added.lastSeq)")
        referee.expect(
            added.lastSeq <= durable(),
            "seq \(added.lastSeq) was counted, but only \(durable()) is durable")
        commit.progress.lastSeq = added.lastSeq
        commit.progress.applied += added.applied
        commit.progress.duplicates += added.duplicates
        commit.counters.applied += Int(added.applied)
        commit.counters.duplicates += Int(added.duplicates)
        commit.dropped += delta.dropped
        count(delta, &commit.counters)
        commits.append(commit)
        return added
    }

    private func count(_ delta: Delta, _ counters: inout Counters) {
        let days = delta.rooms.subjectDay.rows
        for i in 0..<days.count {
            // `c/c3`
            let subject = delta.subjects.bytes(Int32(days.key(i, 0)))
            let customer = Int(subject[subject.count - 1]) - 48
            counters.views[customer] += Int(days.values(i)[SubjectDay.pageViews.rawValue])
            counters.clicks[customer] += Int(days.values(i)[SubjectDay.clicks.rawValue])
        }
        let sites = delta.rooms.siteDay.rows
        for i in 0..<sites.count {
            let isBlog = delta.words.bytes(Int32(sites.key(i, 0))).first == UInt8(ascii: "b")
            let isClick = delta.words.bytes(Int32(sites.key(i, 2))).first == UInt8(ascii: "c")
            counters.sites[(isBlog ? 2 : 0) + (isClick ? 1 : 0)] += Int(
                sites.values(i)[SiteDay.human.rawValue])
        }
    }

    func checkpoint() throws {
        try meet()
        permanent = commits.count
        // Older ones serve `goBack` alone.
        if commits.count > 64 {
            commits.removeFirst(commits.count - 64)
            permanent = commits.count
        }
    }
}
