/// Numbers texts: the same bytes get the same small id, 0, 1, 2, …
///
/// Keys are bytes, compared as bytes: Swift's `String` equality would merge two spellings of "é"
/// that SQLite keeps apart. Texts lie in one arena; looking up a known text allocates nothing.
/// An id is valid until `reset`. A handle to heap memory that its owner gives back with
/// `deallocate`: a class would cost the hot path reference counts and exclusivity checks.
package struct Interner {
    /// A text in the arena; its bytes follow, padded to eight.
    package struct Entry {
        package var hash: UInt64
        var id: Int32
        package var length: UInt32
        package static var bytes: Int { @inlinable get { 16 } }
    }

    package struct State {
        var key: HashKey
        /// Upper 32 bits: upper half of the hash; lower 32: the entry's place in the arena in units
        /// of eight bytes, plus one, or 0 when empty.
        var slots: UnsafeMutablePointer<UInt64>
        var mask: Int
        /// Place of each id's entry, in units of eight bytes.
        package var places: UnsafeMutablePointer<UInt32>
        var placeCapacity: Int
        var count: Int
        package var arena: UnsafeMutableRawPointer
        var arenaCapacity: Int
        var arenaUsed: Int
    }

    package let state: UnsafeMutablePointer<State>
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
    /// Bytes of all texts held, with their entries.
    package var byteCount: Int { state.pointee.arenaUsed }

    @inlinable
    package func bytes(_ id: Int32) -> UnsafeRawBufferPointer {
        let entry = entry(id)
        return .init(start: UnsafeRawPointer(entry) + Entry.bytes, count: Int(entry.pointee.length))
    }

    @inlinable
    package func hash(_ id: Int32) -> UInt64 { entry(id).pointee.hash }

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
        let (id, slot) = search(hash, bytes, count)
        return id >= 0 ? id : add(hash, bytes, count, slot)
    }

    /// The id of a text already held, else nil.
    package func find(_ bytes: UnsafeRawPointer, _ count: Int) -> Int32? {
        let (id, _) = search(state.pointee.key.hash(bytes, count), bytes, count)
        return id >= 0 ? id : nil
    }

    /// Gives the text of `id` a new id; the old one keeps its bytes but is met no more.
    package func renew(_ id: Int32) -> Int32 {
        makeRoomForPlace()
        let new = Int32(state.pointee.count)
        entry(id).pointee.id = new
        state.pointee.places[Int(new)] = state.pointee.places[Int(id)]
        state.pointee.count += 1
        return new
    }

    package func reset() {
        let key = state.pointee.key
        release()
        state.pointee = Self.empty(key)
    }

    /// The id of a text, or -1 and the slot where it would go.
    @inline(__always)
    private func search(_ hash: UInt64, _ bytes: UnsafeRawPointer, _ count: Int) -> (Int32, Int) {
        let mask = state.pointee.mask
        let slots = state.pointee.slots
        let arena = state.pointee.arena
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let found = slots[slot]
            if (found ^ hash) &>> 32 == 0 {
                let place = Int(found & 0xffff_ffff) &- 1
                let entry = (arena + place &<< 3).assumingMemoryBound(to: Entry.self)
                if entry.pointee.hash == hash, Int(entry.pointee.length) == count,
                    equal(UnsafeRawPointer(entry) + Entry.bytes, bytes, count)
                {
                    return (entry.pointee.id, slot)
                }
            }
            slot = (slot &+ 1) & mask
        }
        return (-1, slot)
    }

    @inlinable @inline(__always)
    package func entry(_ id: Int32) -> UnsafeMutablePointer<Entry> {
        let place = Int(state.pointee.places[Int(id)])
        return (state.pointee.arena + place &<< 3).assumingMemoryBound(to: Entry.self)
    }

    @inline(never)
    func add(_ hash: UInt64, _ bytes: UnsafeRawPointer, _ count: Int, _ slot: Int) -> Int32 {
        makeRoomForPlace()
        let s = state
        let size = Entry.bytes + (count + 7) & ~7
        if s.pointee.arenaUsed + size > s.pointee.arenaCapacity {
            let capacity = max(2 * s.pointee.arenaCapacity, s.pointee.arenaUsed + size)
            let grown = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
            grown.copyMemory(from: s.pointee.arena, byteCount: s.pointee.arenaUsed)
            s.pointee.arena.deallocate()
            s.pointee.arena = grown
            s.pointee.arenaCapacity = capacity
        }
        let id = s.pointee.count
        let entry = s.pointee.arena + s.pointee.arenaUsed
        entry.storeBytes(
            of: Entry(hash: hash, id: Int32(id), length: UInt32(count)), as: Entry.self)
        if count > 0 { (entry + Entry.bytes).copyMemory(from: bytes, byteCount: count) }
        let place = UInt32(s.pointee.arenaUsed >> 3)
        s.pointee.places[id] = place
        s.pointee.arenaUsed += size
        s.pointee.count = id + 1
        s.pointee.slots[slot] = hash & 0xffff_ffff_0000_0000 | UInt64(place) + 1
        if (id + 1) * 3 > (s.pointee.mask + 1) * 2 { growSlots() }
        return Int32(id)
    }

    private func makeRoomForPlace() {
        let s = state
        guard s.pointee.count == s.pointee.placeCapacity else { return }
        let grown = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * s.pointee.placeCapacity)
        grown.moveInitialize(from: s.pointee.places, count: s.pointee.count)
        s.pointee.places.deallocate()
        s.pointee.places = grown
        s.pointee.placeCapacity *= 2
    }

    private func growSlots() {
        let s = state
        let old = s.pointee.slots
        let oldCount = s.pointee.mask + 1
        let mask = 4 * oldCount - 1
        let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
        for i in 0..<oldCount where old[i] != 0 {
            let place = Int(old[i] & 0xffff_ffff) - 1
            let hash = s.pointee.arena.load(fromByteOffset: place << 3, as: UInt64.self)
            var slot = Int(truncatingIfNeeded: hash) & mask
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
            key: key, slots: slots, mask: smallest - 1, places: .allocate(capacity: smallest),
            placeCapacity: smallest, count: 0,
            arena: .allocate(byteCount: 16 * smallest, alignment: 16),
            arenaCapacity: 16 * smallest, arenaUsed: 0)
    }

    private func release() {
        state.pointee.slots.deallocate()
        state.pointee.places.deallocate()
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
        {
            return false
        }
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
