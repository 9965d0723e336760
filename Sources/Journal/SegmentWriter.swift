import Engagement

/// Writes members, one after the other, each durable before the next is begun. One thread.
///
/// Holds the rules of the disk; the thread around it (Journal) holds the queue and the waiting, so
/// that a test can drive this step by step on a simulated disk.
///
/// Decision: at a sync error the batch is written once more, in a new segment whose HEAD says
/// RETRY, and never to the same file again: Linux reports a write-back error once and marks the
/// pages clean, so a second fdatasync of that file proves nothing. Any later error ends the
/// process, because two in one life mean that the disk is failing.
package final class SegmentWriter {
    package enum Outcome: Sendable {
        case durable
        /// The disk is full: nothing was stored, the same members may be tried again.
        case noRoom
    }

    let directory: DataDirectory
    let fileSystem: any FileSystem
    let clock: any Clock
    let limits: JournalLimits
    let notice: @Sendable (JournalNotice) -> Void
    let node: UInt64
    package let epoch: UInt64
    var ballast: Ballast
    var folder: SegmentFolder

    /// The seq of the next line.
    package private(set) var nextSeq: UInt64
    var current: OpenSegment?
    /// The last seq that lies in a file which is written no more.
    var closedSeq: UInt64 { (current?.head.firstSeq ?? nextSeq) - 1 }
    /// What the HEAD of the next file carries.
    var nextChain: UInt32
    var nextFlags: MemberFlags = []
    /// The one attempt after a sync error has been made.
    var hasRetried = false
    /// A sync failed after that attempt, behind a member that is durable: the process must end when
    /// that has been told.
    private(set) var failure: FileError?
    /// The ballast is gone: seal when the member in hand is durable.
    var sealsSoon = false
    /// An operator has been told that the old segment had to grow on, or that a batch waits.
    var stayed = false
    private var waits = false

    package internal(set) var statistics = JournalStatistics()
    private let buffer = MemberBuffer()

    init(
        directory: DataDirectory, fileSystem: any FileSystem, clock: any Clock,
        limits: JournalLimits, node: UInt64, epoch: UInt64, nextSeq: UInt64, chain: UInt32,
        notice: @escaping @Sendable (JournalNotice) -> Void
    ) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.clock = clock
        self.limits = limits
        self.notice = notice
        self.node = node
        self.epoch = epoch
        self.nextSeq = nextSeq
        nextChain = chain
        ballast = Ballast(
            path: directory.ballast, bytes: limits.ballastBytes, fileSystem: fileSystem)
        folder = SegmentFolder(directory.segments, fileSystem)
    }

    /// Makes one member durable. Its lines carry `nextSeq` and the following seqs.
    ///
    /// - Parameters:
    ///   - body: the stamped lines, `count` of them, all received at `received` ms UTC.
    /// - Throws: when the disk can't be trusted any more; the process must end (exit 74).
    func write(
        _ kind: MemberKind, _ body: UnsafeRawBufferPointer, count: Int, received: Int64
    ) throws(FileError) -> Outcome {
        buffer.deflate(body)
        while true {
            do throws(WriteTrouble) {
                try makeReady(received)
                try store(kind, count: count, received: received)
                statistics.rawBytes += UInt64(body.count)
                nextSeq += UInt64(count)
                waits = false
                sealIfAsked()
                return .durable
            } catch {
                switch error {
                case .noRoom(let error):
                    sealsSoon = true
                    if ballast.release() { continue }
                    if !waits { notice(.diskFull(error)) }
                    waits = true
                    try rollBack()
                    return .noRoom
                case .passing(let error):
                    if !waits { notice(.waiting(error)) }
                    waits = true
                    return .noRoom
                case .unsafe(let error):
                    try abandon(error)
                }
            }
        }
    }

    private func store(
        _ kind: MemberKind, count: Int, received: Int64
    ) throws(WriteTrouble) {
        guard let segment = current else { return }
        var header = segment.header(kind, count: count, received: received)
        let member = buffer.frame(&header)
        try writing { () throws(FileError) in
            try fileSystem.writeAll(segment.file, member, at: segment.offset)
        }
        let began = clock.monotonicNanoseconds()
        try syncing { () throws(FileError) in try fileSystem.synchronizeData(segment.file) }
        statistics.synced(in: clock.monotonicNanoseconds() &- began)
        statistics.members += 1
        statistics.lines += UInt64(count)
        statistics.storedBytes += UInt64(member.count)
        current?.grow(by: header)
    }

    /// Cuts off what a full disk took of a member.
    private func rollBack() throws(FileError) {
        guard let segment = current else { return }
        do throws(FileError) {
            try fileSystem.truncate(segment.file, to: segment.offset)
            try fileSystem.synchronizeData(segment.file)
        } catch { try abandon(error) }
    }

    /// Seals on the way, where the member in hand is durable whatever comes of it.
    private func sealIfAsked() {
        guard sealsSoon, let segment = current, segment.lineCount > 0 else { return }
        sealsSoon = false
        do throws(WriteTrouble) { try seal() } catch {
            notice(.sealFailed(error.error))
            switch error {
            case .unsafe(let error):
                if hasRetried { failure = error }
                leaveUnsealed(segment)
            case .noRoom, .passing: try? fileSystem.truncate(segment.file, to: segment.offset)
            }
        }
    }
}
