/// Deletes old segments, as far as nothing needs them any more.
///
/// Two questions, kept apart. What is *due*: the oldest sealed segments, beyond an age or a total
/// size. What may *go*: those that lie wholly at or below a seq which the caller answers for, because
/// the counters up to there are in a checkpointed ledger and in finished snapshots, and because no
/// later event can be a repetition of theirs. Only the oldest may go, so that what is left is one
/// piece; each deletion is durable before the next, or a power cut could leave a hole.
package struct Retention: Sendable {
    package struct Limits: Sendable {
        /// Since the last line of a segment was received. nil: no bound.
        package var ageMilliseconds: Int64?
        /// Of all segments together. nil: no bound.
        package var bytes: Int?

        package init(ageMilliseconds: Int64? = nil, bytes: Int? = nil) {
            self.ageMilliseconds = ageMilliseconds
            self.bytes = bytes
        }

        package var isUnbounded: Bool { ageMilliseconds == nil && bytes == nil }
    }

    package struct Segment: Equatable, Sendable {
        package var name: String
        package var firstSeq: UInt64
        package var lastSeq: UInt64
        package var bytes: Int
    }

    /// What is due, oldest first, and the segment that keeps later ones from it.
    package struct Due: Equatable, Sendable {
        package init() {}

        package var segments: [Segment] = []
        /// It isn't sealed, or its ends don't hold: nothing is deleted past it.
        package var blockedBy: String?
    }

    private let directory: DataDirectory
    private let fileSystem: any FileSystem
    package let limits: Limits

    package init(directory: DataDirectory, fileSystem: any FileSystem, limits: Limits) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.limits = limits
    }

    /// - Parameter now: ms since 1970. The caller keeps a stepped wall clock out of it.
    package func due(now: Int64) throws(FileError) -> Due {
        var due = Due()
        guard !limits.isUnbounded else { return due }
        let names = try directory.segmentNames(fileSystem)
        var sizes: [Int] = []
        for name in names { sizes.append(try fileSystem.sizeOfFile(directory.segment(name)) ?? 0) }
        var total = sizes.reduce(0, +)
        // The newest is where the log goes on.
        for (name, bytes) in zip(names, sizes).dropLast() {
            let isOver = limits.bytes.map { total > $0 } ?? false
            guard isOver || limits.ageMilliseconds != nil else { return due }
            guard let seal = try SegmentState.ends(name, directory, fileSystem)?.seal else {
                due.blockedBy = name
                return due
            }
            let isOld = limits.ageMilliseconds.map { now - seal.timeLast > $0 } ?? false
            guard isOver || isOld else { return due }
            due.segments.append(
                Segment(
                    name: name, firstSeq: seal.firstSeq, lastSeq: seal.endSeq - 1, bytes: bytes))
            total -= bytes
        }
        return due
    }

    /// Deletes, of what is due, the segments that lie wholly at or below `seq`.
    /// - Parameter deleted: told of each, after it is gone for good.
    package func retire(
        _ due: Due, through seq: UInt64, deleted: (Segment) -> Void
    ) throws(FileError) {
        let free = due.segments.prefix { $0.lastSeq <= seq }
        // An earlier deletion may have failed between its unlink and its sync.
        if !free.isEmpty { try fileSystem.synchronizeDirectory(directory.segments) }
        for segment in free {
            try fileSystem.unlink(directory.segment(segment.name))
            try fileSystem.synchronizeDirectory(directory.segments)
            deleted(segment)
        }
    }
}
