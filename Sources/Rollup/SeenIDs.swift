import Engagement
import Glibc

/// The ids of the last `window` seqs: whether a kept event with the same (site, id) lies at most
/// `window` seqs back.
///
/// Open addressing, 12 bytes a slot: a 64-bit keyed hash and the low half of the seq of the event
/// that was kept. A hash isn't proof, so a hit is verified against the stored line: exact, and as
/// hits are retries, rare. Entries older than the window are dead: they are replaced where they are
/// met and swept, a few slots per call, by backward-shift deletion, so a table of the largest size
/// stays as full as the window. It starts tiny and grows by half, or at once to what a start needs;
/// 20 million ids take 320 MB.
///
/// The slot of a hash is its high half times the capacity (fast range): slots are ordered by hash,
/// so a growing table is filled front to back while the old one is given back front to back.
package struct SeenIDs: ~Copyable {
    package let window: UInt64
    package private(set) var count = 0
    package private(set) var capacity: Int
    private var hashes: UnsafeMutablePointer<UInt64>
    private var seqs: UnsafeMutablePointer<UInt32>
    private var cursor = 0
    /// Keeps loads ahead of need from being left out.
    private var touched: UInt64 = 0
    private let largest: Int

    private static let smallest = 1024
    private static let groupWords = 32
    private static let sweepSlots = 8
    /// Bytes of the old table given back at once while growing.
    private static let releaseBytes = 4 << 20

    /// - Parameter window: in seqs, inclusive; at most 2^31.
    package init(window: UInt64) {
        self.window = min(max(1, window), 1 << 31)
        largest = max(Self.smallest, Int(Double(self.window) / 0.75) + 64)
        capacity = Self.smallest
        (hashes, seqs) = Self.allocate(Self.smallest)
    }

    deinit { Self.release(hashes, seqs, capacity) }

    package var byteCount: Int { capacity * 12 }

    /// Notes the event `seq` unless it is a duplicate; true: it is one.
    /// - Parameter verify: whether the stored line of a seq has the same site and id.
    package mutating func check<E: Error>(
        _ hash: UInt64, seq: UInt64, verify: (UInt64) throws(E) -> Bool
    ) throws(E) -> Bool {
        let hash = hash == 0 ? 1 : hash
        sweep(now: seq)
        var slot = home(hash)
        var dead = -1
        while hashes[slot] != 0 {
            if hashes[slot] == hash {
                let age = UInt64(UInt32(truncatingIfNeeded: seq) &- seqs[slot])
                if age > window {
                    dead = slot
                } else if try verify(seq &- age) {
                    return true
                }
            }
            slot += 1
            if slot == capacity { slot = 0 }
        }
        if dead >= 0 {
            seqs[dead] = UInt32(truncatingIfNeeded: seq)
        } else {
            insert(hash, seq, at: slot)
        }
        return false
    }

    /// Makes room for `number` more events at once instead of growing step by step.
    package mutating func reserve(_ number: Int, now: UInt64) {
        let wanted = min(largest, (count + number) * 4 / 3 + 64)
        if wanted > capacity { resize(to: wanted, now: now) }
    }

    /// Notes events known to have been kept, one a seq; 0: none, all ones: an id that is forgotten.
    /// For the start: in seq order, and none that the window has left behind.
    package mutating func note(_ words: UnsafeBufferPointer<UInt64>, from seq: UInt64) {
        var at = 0
        while at < words.count {
            // The waits for memory of a group overlap.
            let end = min(words.count, at + Self.groupWords)
            var sink: UInt64 = 0
            for i in at..<end { sink |= touch(words[i]) }
            touched = sink
            for i in at..<end where words[i] != 0 && words[i] != IDChunk.forgotten {
                var slot = home(words[i])
                while hashes[slot] != 0 {
                    slot += 1
                    if slot == capacity { slot = 0 }
                }
                insert(words[i], seq + UInt64(i), at: slot)
            }
            at = end
        }
    }

    /// Loads the slot where a hash would be, so that a later `check` finds it in the cache.
    @inline(__always)
    package func touch(_ hash: UInt64) -> UInt64 { hashes[home(hash)] }

    @inline(__always)
    private func home(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash.multipliedFullWidth(by: UInt64(capacity)).high)
    }

    private mutating func insert(_ hash: UInt64, _ seq: UInt64, at slot: Int) {
        hashes[slot] = hash
        seqs[slot] = UInt32(truncatingIfNeeded: seq)
        count += 1
        guard count * 5 > capacity * 4 else { return }
        if capacity < largest {
            resize(to: min(largest, capacity + capacity / 2), now: seq)
        } else {
            // Full of dead entries: the living are three quarters at most.
            while count * 10 > capacity * 9 { sweep(now: seq) }
        }
    }

    private mutating func sweep(now: UInt64) {
        for _ in 0..<Self.sweepSlots {
            let age = UInt64(UInt32(truncatingIfNeeded: now) &- seqs[cursor])
            if age > window, hashes[cursor] != 0 {
                // What is shifted here is looked at next.
                remove(cursor)
            } else {
                cursor += 1
                if cursor == capacity { cursor = 0 }
            }
        }
    }

    private mutating func remove(_ slot: Int) {
        var hole = slot
        var next = slot
        while true {
            next += 1
            if next == capacity { next = 0 }
            if hashes[next] == 0 { break }
            let home = home(hashes[next])
            // An entry may move back only if its home isn't between the hole and it.
            let stays = hole <= next ? (hole < home && home <= next) : (hole < home || home <= next)
            if stays { continue }
            hashes[hole] = hashes[next]
            seqs[hole] = seqs[next]
            hole = next
        }
        hashes[hole] = 0
        count -= 1
    }

    private mutating func resize(to slots: Int, now: UInt64) {
        let (oldHashes, oldSeqs, oldCapacity) = (hashes, seqs, capacity)
        capacity = slots
        (hashes, seqs) = Self.allocate(capacity)
        count = 0
        var given = 0
        for slot in 0..<oldCapacity {
            if (slot - given) * 8 >= Self.releaseBytes {
                madvise(oldHashes + given, (slot - given) * 8, MADV_DONTNEED)
                given = slot
            }
            let hash = oldHashes[slot]
            let age = UInt64(UInt32(truncatingIfNeeded: now) &- oldSeqs[slot])
            if hash == 0 || age > window { continue }
            var to = home(hash)
            while hashes[to] != 0 {
                to += 1
                if to == capacity { to = 0 }
            }
            hashes[to] = hash
            seqs[to] = oldSeqs[slot]
            count += 1
        }
        Self.release(oldHashes, oldSeqs, oldCapacity)
        cursor = 0
    }

    private static func allocate(_ capacity: Int)
        -> (UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<UInt32>)
    {
        (
            map(capacity * 8).assumingMemoryBound(to: UInt64.self),
            map(capacity * 4).assumingMemoryBound(to: UInt32.self)
        )
    }

    /// Zeroed pages that cost nothing until they are touched; huge ones where that pays.
    private static func map(_ bytes: Int) -> UnsafeMutableRawPointer {
        let pages = mmap(
            nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        precondition(pages != MAP_FAILED, "out of memory: \(bytes) bytes for seen ids")
        if bytes >= 8 << 20 { madvise(pages, bytes, MADV_HUGEPAGE) }
        return pages!
    }

    private static func release(
        _ hashes: UnsafeMutablePointer<UInt64>, _ seqs: UnsafeMutablePointer<UInt32>,
        _ capacity: Int
    ) {
        munmap(hashes, capacity * 8)
        munmap(seqs, capacity * 4)
    }
}
