package import Journal

/// Erases people from the sealed segments of a log.
///
/// Interrupted at any point it may simply be run again, and at any point the log folds to the same
/// ledger: her answers, `forget` above all, stay until every other line is done, so that until then
/// the log itself still says what to do, and when she was opted out. Where a file can't be rewritten
/// they stay for as long.
///
/// For the thread that runs retention.
package struct SegmentErasure {
    package struct Report: Equatable, Sendable {
        package var segmentsRead = 0
        package var segmentsRewritten = 0
        /// Of the files that were rewritten.
        package var bytesBefore = 0
        package var bytesAfter = 0
        package var linesChanged = 0
        /// In files that may hold lines of hers and can't be rewritten.
        package var damages: [SegmentDamage] = []
        /// Files that wait for their SEAL.
        package var unsealed: [String] = []
        package var wasStopped = false

        package init() {}

        /// No sealed or open file holds a line of hers, and that is durable.
        package var isComplete: Bool { damages.isEmpty && unsealed.isEmpty && !wasStopped }
    }

    private let rewriter: SegmentRewriter
    private let window: UInt64
    private let shouldStop: () -> Bool

    /// - Parameters:
    ///   - rewriter: the running journal's.
    ///   - window: the dedupe window of the ledger, in seqs.
    ///   - shouldStop: asked between members.
    package init(
        _ rewriter: SegmentRewriter, window: UInt64, shouldStop: @escaping () -> Bool = { false }
    ) {
        self.rewriter = rewriter
        self.window = window
        self.shouldStop = shouldStop
    }

    /// Erases from every segment that starts at or before the last `forget`. What is still being
    /// written is to be sealed before (`Journal.rollOver`).
    package func run(_ subjects: ErasedSubjects) throws(FileError) -> Report {
        var report = Report()
        do throws(Interruption) {
            try erase(subjects, &report)
        } catch {
            switch error {
            case .stopped: report.wasStopped = true
            case .disk(let error): throw error
            }
        }
        // Also what an earlier run has renamed.
        try rewriter.bodies.synchronizeNames()
        return report
    }

    private enum Interruption: Error {
        case stopped
        case disk(FileError)
    }

    private func erase(
        _ subjects: ErasedSubjects, _ report: inout Report
    ) throws(Interruption) {
        let names: [String]
        do throws(FileError) {
            names = try rewriter.bodies.names(through: subjects.lastSeq)
        } catch { throw .disk(error) }
        var survey = SegmentSurvey(subjects, window: window)
        var found: [(name: String, SegmentSurvey.Found)] = []
        for name in names {
            let one = try attempt(&report) { () throws(SegmentRefusal) in
                try survey.look(name, rewriter.bodies, shouldStop: shouldStop)
            }
            report.segmentsRead += 1
            if let one { found.append((name, one)) }
        }
        let sparing = LineRedaction(subjects, survey.history, sparesAnswers: true)
        for (name, hers) in found where hers.lines && !hers.answers {
            try rewrite(name, sparing, &report)
        }
        // A single file with answers, when it is the last, takes both steps in one.
        if !report.isComplete || found.count(where: \.1.answers) > 1 {
            for (name, hers) in found where hers.lines && hers.answers {
                try rewrite(name, sparing, &report)
            }
        }
        guard report.isComplete else { return }
        let whole = LineRedaction(subjects, survey.history)
        for (name, hers) in found where hers.answers { try rewrite(name, whole, &report) }
    }

    private func rewrite(
        _ name: String, _ edit: LineRedaction, _ report: inout Report
    ) throws(Interruption) {
        var edit = edit
        let change = try attempt(&report) { () throws(SegmentRefusal) in
            try rewriter.rewrite(name, &edit, shouldStop: shouldStop)
        }
        guard let change = change ?? nil else { return }
        report.segmentsRewritten += 1
        report.bytesBefore += change.bytesBefore
        report.bytesAfter += change.bytesAfter
        report.linesChanged += change.changedLines
    }

    /// Takes note of a refusal that concerns one file alone; nil then.
    private func attempt<Value>(
        _ report: inout Report, _ body: () throws(SegmentRefusal) -> Value
    ) throws(Interruption) -> Value? {
        do throws(SegmentRefusal) { return try body() } catch {
            switch error {
            case .stopped: throw .stopped
            case .disk(let error): throw .disk(error)
            case .gone: break
            case .unsealed(let name): report.unsealed.append(name)
            case .damaged(let damages): report.damages += damages
            }
            return nil
        }
    }
}
