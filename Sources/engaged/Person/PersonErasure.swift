import Crypto
import Erasure
import Journal
import Ledger
import Logging
import Settings
import Telemetry

/// Brings an erasure to its end: what the ledger did in the transaction that folded `forget`, every
/// other place follows.
///
/// The ledger keeps what is pending, under the person's names, until no line of hers is left in the
/// segments; then under a token that names nobody, until no older copy is left either. Each step may
/// be done twice, so that whatever dies, the next start goes on: older snapshots go before her
/// `forget` does, or a rebuild from one could bring her back. On the upkeep's thread, so that it
/// never meets retention or a snapshot half-way.
final class PersonErasure {
    private static let retrySeconds = 60.0

    private let journal: Journal
    private let ledger: Ledger
    private let rejected: RejectedLines
    private let snapshots: Snapshots
    private let summarizer: Summarizer
    private let requests: ForgetRequests
    private let window: UInt64
    private let applied: () -> UInt64
    /// Asked in the middle of long work.
    var shouldStop: () -> Bool = { false }
    private let gauge: Gauge
    private let logger: Logger
    private let files = PosixFileSystem()
    /// No sooner than then, after a step that couldn't be done.
    private var notBefore = 0.0
    /// Of those that were told to the log in this life.
    private var tokens: [Ledger.Erasure: Token] = [:]
    private var began = 0.0

    init(
        journal: Journal, ledger: Ledger, rejected: RejectedLines, snapshots: Snapshots,
        summarizer: Summarizer, requests: ForgetRequests, window: UInt64,
        applied: @escaping () -> UInt64,
        gauge: Gauge, logger: Logger
    ) {
        self.journal = journal
        self.ledger = ledger
        self.rejected = rejected
        self.snapshots = snapshots
        self.summarizer = summarizer
        self.requests = requests
        self.window = window
        self.applied = applied
        self.gauge = gauge
        self.logger = logger
    }

    /// Does what is to be done now. Called about once a second.
    func attend() throws {
        try requests.submit()
        // Before the question what is pending: a request counts as done only if it was known then.
        let counted = applied()
        let pending = try ledger.erasures()
        gauge.set(pending.count)
        guard !pending.isEmpty else { return try requests.settle(applied: counted) }
        guard monotonicSeconds() >= notBefore else { return }
        // Her other names first: one pass over the segments for all of them.
        guard try ledger.owedAnswers().allSatisfy({ $0.kind != .forgotten }) else { return }
        let named = pending.filter { !$0.namesNobody }
        if !named.isEmpty {
            if began == 0 { began = monotonicSeconds() }
            guard try eraseLines(named) else { return wait() }
        }
        guard try eraseCopies() else { return wait() }
    }

    private func wait() { notBefore = monotonicSeconds() + Self.retrySeconds }

    // MARK: Lines

    /// - Returns: false: not all could be done now.
    private func eraseLines(_ named: [Ledger.Erasure]) throws -> Bool {
        let last = named.map(\.seq).max() ?? 0
        for erasure in named { announce(erasure) }
        if try snapshots.list().contains(where: { $0.lastSeq < last }) { try renewSnapshots() }
        guard close(through: last) else { return false }
        let erasure = SegmentErasure(
            journal.rewriter(.fast), window: window, shouldStop: shouldStop)
        let subjects = ErasedSubjects(
            named.map { ErasedSubject(subject: $0.subject, seq: $0.seq, isAlone: $0.isAlone) })
        let report = try journal.segmentTurn.take { try erasure.run(subjects) }
        guard report.isComplete else {
            if !report.wasStopped { tellDelay(report) }
            return false
        }
        try rejected.drop(mentioning: named.map { SubjectName($0.subject).name })
        try ledger.erased(named.map { ($0, tokens[$0]?.text ?? "") })
        logger.notice(
            "erased lines in the segments",
            metadata: [
                "lines": "\(report.linesChanged)", "segments": "\(report.segmentsRewritten)",
                "of": "\(report.segmentsRead)", "bytes_before": "\(report.bytesBefore)",
                "bytes_after": "\(report.bytesAfter)",
            ])
        return true
    }

    /// Says in the log that an erasure begins; who it is only a hash tells.
    private func announce(_ erasure: Ledger.Erasure) {
        guard tokens[erasure] == nil else { return }
        let token = Token(erasure)
        journal.submit(
            ControlLine.erase(salt: token.salt, subjectHash: token.hash, through: token.seq))
        tokens[erasure] = token
    }

    /// Everything up to `seq` lies in sealed files then.
    private func close(through seq: UInt64) -> Bool {
        let end = monotonicSeconds() + 10
        while journal.statistics().closedSeq < seq {
            guard monotonicSeconds() < end, !shouldStop() else { return false }
            journal.rollOver()
            pause(milliseconds: 10)
        }
        return true
    }

    private func tellDelay(_ report: SegmentErasure.Report) {
        let names = Set(report.damages.map(\.file) + report.unsealed).sorted()
        logger.error(
            "an erasure can't be finished: files that may hold the person's lines can't be rewritten; see engaged verify",
            metadata: ["files": "\(names.joined(separator: " "))"])
    }

    // MARK: Copies

    /// - Returns: false: not all could be done now.
    private func eraseCopies() throws -> Bool {
        // First: who is making one reads the ledger in one long transaction.
        try removeDerived()
        guard try emptyLog() else {
            logger.warning("an erasure waits for a reader of the ledger to end its transaction")
            return false
        }
        try snapshots.removeHalfMade()
        if try !snapshots.list().isEmpty { try renewSnapshots() }
        try clearQuarantine()
        let done = try ledger.erasures().filter(\.namesNobody)
        try requests.settle(applied: done.map(\.seq).max() ?? 0)
        for erasure in done {
            guard let token = Token(text: erasure.subject.dropFirst(), seq: erasure.seq) else {
                continue
            }
            journal.submit(
                ControlLine.eraseDone(salt: token.salt, subjectHash: token.hash, through: token.seq)
            )
        }
        try ledger.finished(done)
        gauge.set(try ledger.erasures().count)
        let seconds = began > 0 ? monotonicSeconds() - began : 0
        began = 0
        tokens = [:]
        logger.notice(
            "an erasure is finished",
            metadata: ["subjects": "\(done.count)", "seconds": "\(Int(seconds.rounded()))"])
        return true
    }

    /// Whoever was making the summary lets go of the ledger within moments.
    private func emptyLog() throws -> Bool {
        let end = monotonicSeconds() + 3
        while try !ledger.emptyLog() {
            guard monotonicSeconds() < end, !shouldStop() else { return false }
            pause(milliseconds: 100)
        }
        return true
    }

    /// A snapshot of now takes the place of all earlier ones.
    private func renewSnapshots() throws {
        let fresh = try snapshots.make()
        try snapshots.drop(where: { $0 != fresh })
    }

    /// Damaged bytes can't be searched; their notes name nobody.
    private func clearQuarantine() throws(FileError) {
        let folder = journal.directory.quarantine
        guard try files.sizeOfFile(folder) != nil else { return }
        var isGone = false
        for name in try files.list(folder) where !name.hasSuffix(".note") {
            try files.unlink(folder + "/" + name)
            isGone = true
        }
        if isGone { try files.synchronizeDirectory(folder) }
    }

    /// Tables that were worked out from the ledger and are made anew when they are wanted.
    private func removeDerived() throws {
        try LifetimeValueFile(dataDirectory: journal.directory.root).remove()
        try summarizer.remove()
    }

    /// Salt and hash of an erased name: what the log and, at last, the ledger know her by.
    private struct Token {
        let salt: [UInt8]
        let hash: [UInt8]
        let seq: UInt64

        init(_ erasure: Ledger.Erasure) {
            var generator = SystemRandomNumberGenerator()
            salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            hash = Array(SHA256.hash(data: salt + Array(erasure.subject.utf8)))
            seq = erasure.seq
        }

        var text: String { hex(salt) + ":" + hex(hash) }

        init?(text: Substring, seq: UInt64) {
            let parts = text.split(separator: ":").map(Self.bytes)
            guard parts.count == 2 else { return nil }
            salt = parts[0]
            hash = parts[1]
            self.seq = seq
        }

        private static func bytes(_ hex: Substring) -> [UInt8] {
            var rest = hex
            var bytes: [UInt8] = []
            while rest.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) {
                bytes.append(byte)
                rest = rest.dropFirst(2)
            }
            return bytes
        }

        private func hex(_ bytes: [UInt8]) -> String {
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}
