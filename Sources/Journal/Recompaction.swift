import Glibc

/// Packs old segments more tightly, each once. No line changes.
///
/// What was packed is known by the file alone: one that was never rewritten is loose, and of one that
/// was, the first member is packed anew to see what that gains, for an erasure may have written it
/// in haste. So there is no list of packed files that could be lost or wrong.
///
/// For one thread, in its turn (`SegmentTurn`).
package final class Recompaction {
    private let rewriter: SegmentRewriter
    private let lowWaterBytes: Int
    private lazy var trial = MemberBuffer(codec: SegmentRewriter.Packing.tight.codec)
    /// Files that need no second look as long as they are the same: packed ones and damaged ones.
    private var settled: [String: SealedEnds] = [:]

    private var bodies: SegmentBodies { rewriter.bodies }

    /// - Parameters:
    ///   - rewriter: one that packs tightly.
    ///   - lowWaterBytes: room on the disk that stays free beside the new file.
    package init(_ rewriter: SegmentRewriter, lowWaterBytes: Int = JournalLimits().lowWaterBytes) {
        self.rewriter = rewriter
        self.lowWaterBytes = lowWaterBytes
    }

    /// Names of the sealed segments to be packed or looked at, oldest first.
    ///
    /// - Parameters:
    ///   - time: ms since 1970 UTC; their last line was received then or before.
    ///   - seq: they end there or before.
    package func due(before time: Int64, through seq: UInt64) throws(FileError) -> [String] {
        let names = try bodies.names(through: seq)
        settled = settled.filter { names.contains($0.key) }
        var due: [String] = []
        for name in names {
            if let ends = settled[name], try self.ends(name) == ends { continue }
            do throws(SegmentRefusal) {
                let seal = try bodies.ends(name).seal
                if seal.timeLast <= time, seal.endSeq <= seq + 1 { due.append(name) }
            } catch {
                if case .disk(let error) = error { throw error }
            }
        }
        return due
    }

    /// Packs one segment, durable on return.
    ///
    /// - Parameter shouldStop: asked between members; nothing has changed then.
    /// - Returns: nil where there is nothing to gain: nothing was written.
    package func pack(
        _ name: String, shouldStop: () -> Bool = { false }
    ) throws(SegmentRefusal) -> SegmentRewriter.Change? {
        do throws(SegmentRefusal) {
            let change = try isLoose(name) ? rewrite(name, shouldStop) : nil
            try onDisk { () throws(FileError) in settled[name] = try ends(name) }
            return change
        } catch {
            if case .damaged = error { settled[name] = (try? ends(name)) ?? nil }
            throw error
        }
    }

    private func rewrite(
        _ name: String, _ shouldStop: () -> Bool
    ) throws(SegmentRefusal) -> SegmentRewriter.Change? {
        let bytes = try bodies.ends(name).seal.endOffset
        try onDisk { () throws(FileError) in
            let root = bodies.directory.root
            guard try bodies.fileSystem.freeBytes(root) > bytes + lowWaterBytes else {
                throw FileError(operation: "recompact", path: name, code: ENOSPC)
            }
        }
        var edit = NoEdit()
        return try rewriter.rewrite(name, &edit, evenUnchanged: true, shouldStop: shouldStop)
    }

    private func isLoose(_ name: String) throws(SegmentRefusal) -> Bool {
        guard try bodies.ends(name).seal.rewrite != nil else { return true }
        var isLoose = false
        try bodies.read(name) { body throws(SegmentRefusal) in
            guard !body.isControl else { return true }
            trial.deflate(body.bytes)
            let frame = SegmentFormat.headerBytes + SegmentFormat.trailerBytes
            // A tenth: what a newer encoder gains is not worth another copy of everything.
            isLoose = trial.dataBytes * 10 < (body.header.memberBytes - frame) * 9
            return false
        }
        return isLoose
    }

    private func ends(_ name: String) throws(FileError) -> SealedEnds? {
        try SealedEnds.read(name, bodies.directory, bodies.fileSystem)
    }
}
