/// What an operator should hear of. The journal logs nothing itself.
package enum JournalNotice: Sendable, CustomStringConvertible {
    /// Recovery set an unfinished write aside: normal after a crash, nothing acknowledged is in it.
    case tornTail(file: String, offset: Int, bytes: Int)
    /// Recovery set the void copy of a batch aside that had been written again after a sync error.
    case voidCopy(file: String, offset: Int, bytes: Int)
    case sealedByRecovery(file: String)
    case removedEmpty(file: String)
    /// Stored bytes don't hold; the file stays as it is and the node is degraded.
    case damaged(SegmentDamage)
    /// The quarantine's bound left no room for what has to go there now.
    case quarantineFull(deleted: String, bytes: Int)
    /// Segments are there but no node file: erasures made before can't be matched again.
    case nodeFileMade(hadSegments: Bool)
    /// The disk refused a sync or a write; the batch goes once more into a new segment.
    case writingAgain(FileError)
    /// A new segment can't be opened for now; the old one grows on.
    case stayedInSegment(FileError)
    /// The next segment can't be made for now; its batch waits, unacknowledged.
    case waiting(FileError)
    case diskFull(FileError)
    case diskLow(freeBytes: Int)
    case diskRoomAgain(freeBytes: Int)
    case ballastFailed(FileError)
    case clockSteppedBack(milliseconds: Int64)
    /// Batches that never became durable were given up.
    case givenUp(batches: Int)
    case sealFailed(FileError)

    package enum Severity: Sendable { case info, warning, error }

    package var severity: Severity {
        switch self {
        case .tornTail, .voidCopy, .sealedByRecovery, .removedEmpty, .diskRoomAgain: .info
        case .nodeFileMade(let hadSegments): hadSegments ? .warning : .info
        case .stayedInSegment, .waiting, .diskLow, .ballastFailed, .clockSteppedBack, .sealFailed,
            .quarantineFull:
            .warning
        case .damaged, .writingAgain, .diskFull, .givenUp: .error
        }
    }

    package var description: String {
        switch self {
        case .tornTail(let file, let offset, let bytes):
            "set aside an unfinished write: \(bytes) bytes of \(file) at \(offset)"
        case .voidCopy(let file, let offset, let bytes):
            "set aside a void copy: \(bytes) bytes of \(file) at \(offset)"
        case .sealedByRecovery(let file): "sealed \(file)"
        case .removedEmpty(let file): "removed \(file), which held no lines"
        case .damaged(let damage): "damaged: \(damage); nothing was deleted, run engaged verify"
        case .quarantineFull(let name, let bytes):
            "the quarantine is full: deleted its oldest, \(name), \(bytes) bytes; quarantine.folder_bytes says how much is kept"
        case .nodeFileMade(let hadSegments):
            hadSegments
                ? "made a new node file beside existing segments: its erasure salt is new; if a backup has the old one, stop and restore it"
                : "made the node file"
        case .writingAgain(let error):
            "\(error); writing once more in a new segment: look after this disk, the kernel's log may say more"
        case .stayedInSegment(let error):
            "\(error); staying in the old segment until a new one can be made"
        case .waiting(let error):
            "\(error); what waits isn't acknowledged (if it is for descriptors: LimitNOFILE=); trying again"
        case .diskFull(let error):
            "\(error); nothing is acknowledged until there is room: make some"
        case .diskLow(let free):
            "disk low: \(free) bytes free; refusing events until there is room: make some, or set retention.days"
        case .diskRoomAgain(let free): "room on the disk again: \(free) bytes free"
        case .ballastFailed(let error):
            "no ballast: \(error); a full disk leaves no room for an orderly stop"
        case .clockSteppedBack(let milliseconds):
            "the clock stepped back by \(milliseconds) ms: look after the machine's time service"
        case .givenUp(let batches):
            "gave up \(batches) batches that never became durable; none of them was acknowledged"
        case .sealFailed(let error):
            "left the segment without a seal: \(error); the next start seals it"
        }
    }
}

package enum JournalError: Error, CustomStringConvertible {
    /// Another process holds the data directory.
    case locked(path: String)
    /// The node file can't be read as one.
    case badNodeFile(path: String)
    /// The segments were written by another node than the node file names.
    case foreignSegments(path: String, node: UInt64)

    package var description: String {
        switch self {
        case .locked(let path): "another process holds \(path)"
        case .badNodeFile(let path): "\(path) is not a node file"
        case .foreignSegments(let path, let node):
            "the segments are those of node \(hex16(node)), which \(path) does not name"
        }
    }
}
