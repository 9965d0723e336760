import Engagement
import Glibc

/// The ids of the last `window` seqs: whether a kept event with the same (site, id) lies at most
/// `window` seqs back.
///
/// Open addressing, 8 bytes a slot: the high bits of a keyed 64-bit hash and, in the low ones, the
/// seq of the event that was kept, modulo twice the window or more. What the bits leave open is
/// settled by proof: a hit is verified against the stored line, so the verdict is exact. Hits are
/// retries, and new ids that share the bits of an old one: at 20 million ids one in 14,000.
///
/// Entries older than the window are dead: they are replaced where they are met and swept, a few
/// slots per call, by backward-shift deletion, so a table of the largest size stays as full as the
/// window, and none lives to see its seq come round. It starts tiny and grows by half, or at once to
/// what a start needs; 20 million ids take 214 MB.
///
/// The slot of a hash is its high bits times the capacity (fast range): slots are ordered by hash,
/// so a growing table is filled front to back while the old one is given back front to back.
package struct SeenIDs: ~Copyable {
    package let window: UInt64
    package private(set) var count = 0
    package private(set) var capacity: Int
    private var slots: UnsafeMutablePointer<UInt64>
    /// The bits of a slot that hold the seq.
    private let seqMask: UInt64
    private var cursor = 0
    /// The seq of the last call, and of the one when the cursor was at the first slot.
    private var last: UInt64 = 0
    private var roundSeq: UInt64 = 0
    /// Keeps loads ahead of need from being left out.
    private var touched: UInt64 = 0
    private let largest: Int

    private static let smallest = 1024
    private static let groupWords = 32
    private static let sweepSlots = 8
    /// Bytes of the old table given back at once while growing.
    private static let releaseBytes = 4 << 20

    /// - Parameter window: in seqs, inclusive; at most 2^27, above which the bits left for the hash
    ///   would have every few new ids verified.
    package init(window: UInt64) {
        self.window = min(max(1, window), 1 << 27)
        seqMask = UInt64.max >> UInt64((self.window * 2).leadingZeroBitCount)
        largest = max(Self.smallest, Int(Double(self.window) / 0.75) + 64)
        capacity = Self.smallest
        slots = Self.map(Self.smallest)
    }

    deinit { Self.release(slots, capacity) }

    package var byteCount: Int { capacity * 8 }

    /// Notes the event `seq` unless it is a duplicate; true: it is one.
    /// - Parameters:
    ///   - seq: not below the one before.
    ///   - verify: whether the stored line of a seq has the same site and id.
    package mutating func check<E: Error>(
        _ hash: UInt64, seq: UInt64, verify: (UInt64) throws(E) -> Bool
    ) throws(E) -> Bool {
        let key = key(hash)
        sweep(now: seq)
        var slot = home(key)
        var dead = -1
        while slots[slot] != 0 {
            if (slots[slot] ^ key) & ~seqMask == 0 {
                let age = age(slots[slot], at: seq)
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
            slots[dead] = key | seq & seqMask
        } else {
            insert(key, seq, at: slot)
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
                let key = key(words[i])
                var slot = home(key)
                while slots[slot] != 0 {
                    slot += 1
                    if slot == capacity { slot = 0 }
                }
                insert(key, seq + UInt64(i), at: slot)
            }
            at = end
        }
        last = max(last, seq + UInt64(words.count) - 1)
        roundSeq = last
    }

    /// Loads the slot where a hash would be, so that a later `check` finds it in the cache.
    @inline(__always)
    package func touch(_ hash: UInt64) -> UInt64 { slots[home(key(hash))] }

    /// The bits of a hash that a slot holds; never 0, which is an empty slot.
    @inline(__always)
    private func key(_ hash: UInt64) -> UInt64 {
        let bits = hash & ~seqMask
        return bits == 0 ? seqMask + 1 : bits
    }

    @inline(__always)
    private func home(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key & ~seqMask).multipliedFullWidth(by: UInt64(capacity)).high)
    }

    /// How many seqs an entry lies back.
    @inline(__always)
    private func age(_ entry: UInt64, at seq: UInt64) -> UInt64 { (seq &- entry) & seqMask }

    private mutating func insert(_ key: UInt64, _ seq: UInt64, at slot: Int) {
        slots[slot] = key | seq & seqMask
        count += 1
        guard count * 5 > capacity * 4 else { return }
        if capacity < largest {
            resize(to: min(largest, capacity + capacity / 2), now: seq)
        } else {
            // Full of dead entries: the living are three quarters at most.
            while count * 10 > capacity * 9 { sweep(Self.sweepSlots, now: seq) }
        }
    }

    private mutating func sweep(now: UInt64) {
        // A seq in a slot comes round after two windows. Each round of the cursor takes less than
        // three eighths of one, so an entry is met when it is dead and before it looks young again.
        let ahead = now - min(now, last)
        if ahead > window / 8 {
            removeAll(olderThan: window - min(ahead, window), at: last)
            roundSeq = now
        } else if now - min(now, roundSeq) > window / 4 {
            removeAll(olderThan: window, at: last)
            roundSeq = now
        }
        last = max(last, now)
        sweep(Self.sweepSlots, now: now)
    }

    private mutating func removeAll(olderThan limit: UInt64, at seq: UInt64) {
        guard count > 0 else { return }
        cursor = 0
        while cursor < capacity {
            if slots[cursor] != 0, age(slots[cursor], at: seq) > limit {
                remove(cursor)
            } else {
                cursor += 1
            }
        }
        cursor = 0
    }

    private mutating func sweep(_ steps: Int, now: UInt64) {
        for _ in 0..<steps {
            if slots[cursor] != 0, age(slots[cursor], at: now) > window {
                // What is shifted here is looked at next.
                remove(cursor)
            } else {
                cursor += 1
                if cursor == capacity {
                    cursor = 0
                    roundSeq = now
                }
            }
        }
    }

    private mutating func remove(_ slot: Int) {
        var hole = slot
        var next = slot
        while true {
            next += 1
            if next == capacity { next = 0 }
            if slots[next] == 0 { break }
            let home = home(slots[next])
            // An entry may move back only if its home isn't between the hole and it.
            let stays = hole <= next ? (hole < home && home <= next) : (hole < home || home <= next)
            if stays { continue }
            slots[hole] = slots[next]
            hole = next
        }
        slots[hole] = 0
        count -= 1
    }

    private mutating func resize(to number: Int, now: UInt64) {
        let (old, oldCapacity) = (slots, capacity)
        capacity = number
        slots = Self.map(capacity)
        count = 0
        var given = 0
        for at in 0..<oldCapacity {
            if (at - given) * 8 >= Self.releaseBytes {
                madvise(old + given, (at - given) * 8, MADV_DONTNEED)
                given = at
            }
            let entry = old[at]
            if entry == 0 || age(entry, at: now) > window { continue }
            var to = home(entry)
            while slots[to] != 0 {
                to += 1
                if to == capacity { to = 0 }
            }
            slots[to] = entry
            count += 1
        }
        Self.release(old, oldCapacity)
        cursor = 0
        roundSeq = now
    }

    /// Zeroed pages that cost nothing until they are touched; huge ones where that pays.
    private static func map(_ capacity: Int) -> UnsafeMutablePointer<UInt64> {
        let bytes = capacity * 8
        let pages = mmap(
            nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        precondition(pages != MAP_FAILED, "out of memory: \(bytes) bytes for seen ids")
        if bytes >= 8 << 20 { madvise(pages, bytes, MADV_HUGEPAGE) }
        return pages!.assumingMemoryBound(to: UInt64.self)
    }

    private static func release(_ slots: UnsafeMutablePointer<UInt64>, _ capacity: Int) {
        munmap(slots, capacity * 8)
    }
}
