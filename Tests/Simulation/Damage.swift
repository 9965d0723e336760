import Journal
import TestSupport

/// A bit flipped in a member that had been synced and has something valid behind it, so that it can't
/// be taken for a torn write.
struct Damage {
    let path: String
    let offset: Int
    /// The file as it must stay.
    let bytes: [UInt8]
    /// The seqs of the member.
    let lost: Set<UInt64>

    private struct Member {
        let offset: Int
        let bytes: Int
        let kind: UInt8
        let flags: UInt8
        let seqs: Range<UInt64>
    }

    /// nil: no member fits.
    static func plant(on disk: SimulatedDisk, _ rng: inout SeededRNG) -> Damage? {
        // A new file that never got its name is none yet.
        let files = disk.files(below: World.directory + "/segments")
            .filter { $0.key.hasSuffix(SegmentFormat.suffix) }
            .sorted { $0.key < $1.key }.map { (path: $0.key, members: members($0.value)) }
        // An orderly end has sealed them all. Else, or where a SEAL is torn itself, the newest may come
        // to nothing, and the one before it ends the log: damage to its last member would look like
        // a torn write.
        let report = disk.inspect {
            try? verifyJournal(directory: World.directory, fileSystem: disk)
        }
        guard report?.segments.allSatisfy({ $0.state == .sealed }) ?? false else { return nil }
        var targets: [(path: String, member: Member)] = []
        for (i, file) in files.enumerated() {
            let isLast = i == files.count - 1
            // What stands before a RETRY may be void, and then goes like a torn tail.
            if !isLast, (files[i + 1].members.first?.flags ?? 2) & 2 != 0 { continue }
            for member in isLast ? file.members.dropLast() : file.members[...] {
                targets.append((file.path, member))
            }
        }
        guard let (path, member) = targets.randomElement(using: &rng) else { return nil }
        let offset = member.offset + Int.random(in: 0..<member.bytes, using: &rng)
        disk.flip(bit: Int.random(in: 0..<8, using: &rng), of: path, at: offset)
        return Damage(
            path: path, offset: offset, bytes: disk.files(below: World.directory)[path] ?? [],
            lost: member.kind == 1 || member.kind == 3 ? Set(member.seqs) : [])
    }

    /// By the lengths in their headers, up to the first that can't be one.
    private static func members(_ file: [UInt8]) -> [Member] {
        func number(_ at: Int, _ bytes: Int) -> UInt64 {
            file[at..<(at + bytes)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        var found: [Member] = []
        var at = 0
        while at + 98 <= file.count, file[at] == 0x1f, file[at + 1] == 0x8b {
            let bytes = Int(number(at + 20, 4))
            guard bytes >= 98, at + bytes <= file.count else { break }
            let first = number(at + 32, 8)
            found.append(
                Member(
                    offset: at, bytes: bytes, kind: file[at + 17], flags: file[at + 18],
                    seqs: first..<(first + number(at + 40, 4))))
            at += bytes
        }
        return found
    }
}
