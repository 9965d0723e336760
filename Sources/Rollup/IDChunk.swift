import Engagement
import Glibc
import Journal

/// The hashed (site, id) of a run of lines, a word for each seq; 0: a line that counts nowhere, or
/// none. It lies in memory as in its file (schemas/ids.md).
final class IDChunk {
    /// The word of a line that was retired and whose id nobody knows any more.
    static let forgotten = UInt64.max

    /// Of the seqs it may cover; it covers those below `nextSeq`.
    private(set) var firstSeq: UInt64 = 1
    private(set) var count = 0
    let capacity: Int

    private let memory: UnsafeMutableRawPointer
    private let hashes: UnsafeMutablePointer<UInt64>

    static let headerBytes = 40
    private static let magic: UInt64 = 0x0a1a_7864_6967_6e65  // "engidx", 0x1a, newline
    private static let version: UInt32 = 1

    /// - Parameter capacity: in seqs.
    init(capacity: Int) {
        self.capacity = capacity
        let bytes = Self.headerBytes + capacity * 8
        guard let memory = calloc(1, bytes) else {
            preconditionFailure("out of memory: \(bytes) bytes for an id index")
        }
        self.memory = memory
        hashes = (memory + Self.headerBytes).assumingMemoryBound(to: UInt64.self)
    }

    deinit { free(memory) }

    var byteCount: Int { Self.headerBytes + capacity * 8 }
    var nextSeq: UInt64 { firstSeq + UInt64(count) }
    /// The first seq that isn't its own.
    var endSeq: UInt64 { firstSeq + UInt64(capacity) }
    var isFull: Bool { count == capacity }

    func begin(at seq: UInt64) {
        firstSeq = seq
        count = 0
    }

    /// Forgets the seqs from `seq` on.
    func cut(from seq: UInt64) {
        if seq < nextSeq { count = seq > firstSeq ? Int(seq - firstSeq) : 0 }
    }

    /// Puts the words of lines from `seq` on, all of them its own; a gap before them is filled with
    /// 0. Lines may be put again.
    func put(_ words: UnsafePointer<UInt64>, _ number: Int, at seq: UInt64) {
        let at = Int(seq - firstSeq)
        if at > count { (hashes + count).update(repeating: 0, count: at - count) }
        (hashes + at).update(from: words, count: number)
        count = max(count, at + number)
    }

    /// Covers the seqs before `seq`, too; of the new ones nothing is known.
    func forget(before seq: UInt64) {
        guard seq > nextSeq else { return }
        let number = Int(seq - nextSeq)
        (hashes + count).update(repeating: Self.forgotten, count: number)
        count += number
    }

    /// The words of seqs that it covers.
    func words(_ seqs: ClosedRange<UInt64>) -> UnsafeBufferPointer<UInt64> {
        UnsafeBufferPointer(start: hashes + Int(seqs.lowerBound - firstSeq), count: seqs.count)
    }

    subscript(seq: UInt64) -> UInt64 { hashes[Int(seq - firstSeq)] }

    // MARK: The file

    /// The bytes of its file; valid until it changes.
    func file(_ key: HashKey) -> UnsafeRawBufferPointer {
        memory.storeBytes(of: Self.magic.littleEndian, as: UInt64.self)
        memory.storeBytes(of: Self.version.littleEndian, toByteOffset: 8, as: UInt32.self)
        memory.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 12, as: UInt32.self)
        memory.storeBytes(of: firstSeq.littleEndian, toByteOffset: 16, as: UInt64.self)
        memory.storeBytes(of: Self.mark(key).littleEndian, toByteOffset: 24, as: UInt64.self)
        memory.storeBytes(of: UInt32(capacity).littleEndian, toByteOffset: 32, as: UInt32.self)
        memory.storeBytes(of: checksum.littleEndian, toByteOffset: 36, as: UInt32.self)
        return UnsafeRawBufferPointer(start: memory, count: Self.headerBytes + count * 8)
    }

    /// Room to read its file into; `take` follows.
    var room: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
    }

    enum Refusal: String, Error {
        /// Cut short, changed, of another version or in another's place.
        case damaged
        /// Made with the key of another data directory.
        case foreign = "of another data directory"
    }

    /// Takes over the file of the seqs from `seq` on, `bytes` of which were read into `room`. What
    /// doesn't hold leaves it empty.
    func take(at seq: UInt64, bytes: Int, _ key: HashKey) throws(Refusal) {
        begin(at: seq)
        let number = Int(UInt32(littleEndian: memory.load(fromByteOffset: 12, as: UInt32.self)))
        guard bytes > Self.headerBytes, bytes == Self.headerBytes + number * 8,
            number <= capacity,
            UInt64(littleEndian: memory.load(as: UInt64.self)) == Self.magic,
            UInt32(littleEndian: memory.load(fromByteOffset: 8, as: UInt32.self)) == Self.version,
            UInt64(littleEndian: memory.load(fromByteOffset: 16, as: UInt64.self)) == seq
        else { throw .damaged }
        count = number
        let stored = UInt32(littleEndian: memory.load(fromByteOffset: 36, as: UInt32.self))
        let isKept = stored == checksum
        let isOurs =
            UInt64(littleEndian: memory.load(fromByteOffset: 24, as: UInt64.self))
            == Self.mark(key)
        if isKept, isOurs { return }
        count = 0
        throw isKept ? .foreign : .damaged
    }

    /// Of everything before it and of the words.
    private var checksum: UInt32 {
        let header = crc32(UnsafeRawBufferPointer(start: memory, count: 36))
        return crc32(
            UnsafeRawBufferPointer(start: memory + Self.headerBytes, count: count * 8), seed: header
        )
    }

    /// Tells files of one key from those of another.
    private static func mark(_ key: HashKey) -> UInt64 {
        let text: StaticString = "engaged id index"
        return key.hash(text.utf8Start, text.utf8CodeUnitCount)
    }
}
