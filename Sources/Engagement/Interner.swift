/// Numbers texts: the same bytes get the same small id, 0, 1, 2, …
///
/// Keys are bytes, compared as bytes: Swift's `String` equality would merge two spellings of "é"
/// that SQLite keeps apart. Texts lie in one arena; looking up a known text allocates nothing.
/// An id is valid until `reset`. A handle to heap memory that its owner gives back with
/// `deallocate`: a class would cost the hot path reference counts and exclusivity checks.
package struct Interner {
    struct Entry {
        var hash: UInt64
        var offset: UInt32
        var length: UInt32
    }

    struct State {
        var key: HashKey
        /// Upper 32 bits: upper half of the hash; lower 32: id + 1, or 0 when empty.
        var slots: UnsafeMutablePointer<UInt64>
        var mask: Int
        var entries: UnsafeMutablePointer<Entry>
        var entryCapacity: Int
        var count: Int
        var arena: UnsafeMutableRawPointer
        var arenaCapacity: Int
        var arenaUsed: Int
    }

    let state: UnsafeMutablePointer<State>
    private static let smallest = 256

    package init(key: HashKey) {
        state = .allocate(capacity: 1)
        state.initialize(to: Self.empty(key))
    }

    package func deallocate() {
        release()
        state.deallocate()
    }

    package var count: Int { state.pointee.count }
    /// Bytes of all texts held.
    package var byteCount: Int { state.pointee.arenaUsed }

    package func bytes(_ id: Int32) -> UnsafeRawBufferPointer {
        let entry = state.pointee.entries[Int(id)]
        return .init(start: state.pointee.arena + Int(entry.offset), count: Int(entry.length))
    }

    package func hash(_ id: Int32) -> UInt64 { state.pointee.entries[Int(id)].hash }

    package func string(_ id: Int32) -> String { String(decoding: bytes(id), as: UTF8.self) }

    package func intern(_ text: String) -> Int32 {
        var text = text
        return text.withUTF8 { text in
            // An empty string may have no address; no byte of it is read.
            text.count == 0 ? intern(state, 0) : intern(text.baseAddress!, text.count)
        }
    }

    @inline(__always)
    package func intern(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        intern(bytes.baseAddress!, bytes.count)
    }

    package func intern(_ bytes: UnsafeRawPointer, _ count: Int) -> Int32 {
        let hash = state.pointee.key.hash(bytes, count)
        let s = state
        let mask = s.pointee.mask
        let slots = s.pointee.slots
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let found = slots[slot]
            if (found ^ hash) &>> 32 == 0 {
                let id = Int32(truncatingIfNeeded: found & 0xffff_ffff) &- 1
                if matches(id, hash, bytes, count) { return id }
            }
            slot = (slot &+ 1) & mask
        }
        return add(hash, bytes, count, slot)
    }

    /// The id of a text already held, else nil.
    package func find(_ bytes: UnsafeRawPointer, _ count: Int) -> Int32? {
        let hash = state.pointee.key.hash(bytes, count)
        let mask = state.pointee.mask
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let found = state.pointee.slots[slot]
            if found == 0 { return nil }
            let id = Int32(truncatingIfNeeded: found & 0xffff_ffff) &- 1
            if matches(id, hash, bytes, count) { return id }
            slot = (slot &+ 1) & mask
        }
    }

    /// Gives the text of `id` a new id; the old one keeps its bytes but is met no more.
    package func renew(_ id: Int32) -> Int32 {
        let entry = state.pointee.entries[Int(id)]
        let mask = state.pointee.mask
        var slot = Int(truncatingIfNeeded: entry.hash) & mask
        while state.pointee.slots[slot] & 0xffff_ffff != UInt64(id) + 1 { slot = (slot &+ 1) & mask }
        makeRoomForEntry()
        let new = state.pointee.count
        state.pointee.entries[new] = entry
        state.pointee.count = new + 1
        state.pointee.slots[slot] = entry.hash & 0xffff_ffff_0000_0000 | UInt64(new + 1)
        return Int32(new)
    }

    package func reset() {
        release()
        state.pointee = Self.empty(state.pointee.key)
    }

    @inline(__always)
    private func matches(_ id: Int32, _ hash: UInt64, _ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
        let entry = state.pointee.entries[Int(id)]
        guard entry.hash == hash, Int(entry.length) == count else { return false }
        return equal(state.pointee.arena + Int(entry.offset), bytes, count)
    }

    @inline(never)
    private func add(_ hash: UInt64, _ bytes: UnsafeRawPointer, _ count: Int, _ slot: Int) -> Int32 {
        makeRoomForEntry()
        let s = state
        if s.pointee.arenaUsed + count > s.pointee.arenaCapacity {
            let capacity = max(2 * s.pointee.arenaCapacity, s.pointee.arenaUsed + count)
            let grown = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
            grown.copyMemory(from: s.pointee.arena, byteCount: s.pointee.arenaUsed)
            s.pointee.arena.deallocate()
            s.pointee.arena = grown
            s.pointee.arenaCapacity = capacity
        }
        let id = s.pointee.count
        if count > 0 {
            (s.pointee.arena + s.pointee.arenaUsed).copyMemory(from: bytes, byteCount: count)
        }
        s.pointee.entries[id] = Entry(
            hash: hash, offset: UInt32(s.pointee.arenaUsed), length: UInt32(count))
        s.pointee.arenaUsed += count
        s.pointee.count = id + 1
        s.pointee.slots[slot] = hash & 0xffff_ffff_0000_0000 | UInt64(id + 1)
        if (id + 1) * 3 > (s.pointee.mask + 1) * 2 { growSlots() }
        return Int32(id)
    }

    private func makeRoomForEntry() {
        let s = state
        guard s.pointee.count == s.pointee.entryCapacity else { return }
        let grown = UnsafeMutablePointer<Entry>.allocate(capacity: 2 * s.pointee.entryCapacity)
        grown.moveInitialize(from: s.pointee.entries, count: s.pointee.count)
        s.pointee.entries.deallocate()
        s.pointee.entries = grown
        s.pointee.entryCapacity *= 2
    }

    private func growSlots() {
        let s = state
        let old = s.pointee.slots
        let oldCount = s.pointee.mask + 1
        let mask = 4 * oldCount - 1
        let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
        for i in 0..<oldCount where old[i] != 0 {
            let id = Int(old[i] & 0xffff_ffff) - 1
            var slot = Int(truncatingIfNeeded: s.pointee.entries[id].hash) & mask
            while slots[slot] != 0 { slot = (slot &+ 1) & mask }
            slots[slot] = old[i]
        }
        old.deallocate()
        s.pointee.slots = slots
        s.pointee.mask = mask
    }

    private static func empty(_ key: HashKey) -> State {
        let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: smallest)
        slots.initialize(repeating: 0, count: smallest)
        return State(
            key: key, slots: slots, mask: smallest - 1, entries: .allocate(capacity: smallest),
            entryCapacity: smallest, count: 0,
            arena: .allocate(byteCount: 16 * smallest, alignment: 16),
            arenaCapacity: 16 * smallest, arenaUsed: 0)
    }

    private func release() {
        state.pointee.slots.deallocate()
        state.pointee.entries.deallocate()
        state.pointee.arena.deallocate()
    }
}

/// Whether two ranges of `count` bytes are equal; short ranges without a call.
@inline(__always)
func equal(_ x: UnsafeRawPointer, _ y: UnsafeRawPointer, _ count: Int) -> Bool {
    var i = 0
    while count &- i >= 8 {
        if x.loadUnaligned(fromByteOffset: i, as: UInt64.self)
            != y.loadUnaligned(fromByteOffset: i, as: UInt64.self)
        { return false }
        i &+= 8
    }
    while i < count {
        if x.load(fromByteOffset: i, as: UInt8.self) != y.load(fromByteOffset: i, as: UInt8.self) {
            return false
        }
        i &+= 1
    }
    return true
}
