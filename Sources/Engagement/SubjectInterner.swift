/// Numbers subjects, `c/<customer>` and `v/<site>/<visitor>`, from their parts as they lie in a
/// line, and lets the fold load what it will need of many lines before it needs it.
///
/// With tens of thousands of subjects every look-up misses the cache three or four times, and one
/// line's misses wait for each other. Looked at in groups they overlap, which halves the fold.
extension Interner {
    /// "c/" and "v/" as they lie in memory.
    static let customer: UInt16 = 0x2f63
    static let visitor: UInt16 = 0x2f76

    @inline(__always)
    func subjectHash(_ prefix: UInt16, _ text: UnsafeRawPointer, _ count: Int) -> UInt64 {
        state.pointee.key.hash(text, count, seed: UInt64(prefix))
    }

    /// The id of `prefix` and `text`; `hash` is their `subjectHash`.
    func intern(
        _ prefix: UInt16, _ text: UnsafeRawPointer, _ count: Int, _ hash: UInt64
    ) -> Int32 {
        let mask = state.pointee.mask
        let slots = state.pointee.slots
        let arena = state.pointee.arena
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            if (slots[slot] ^ hash) &>> 32 == 0 {
                let place = Int(slots[slot] & 0xffff_ffff) &- 1
                let entry = (arena + place &<< 3).assumingMemoryBound(to: Entry.self)
                let bytes = UnsafeRawPointer(entry) + Entry.bytes
                if entry.pointee.hash == hash, Int(entry.pointee.length) == count &+ 2,
                    bytes.load(as: UInt16.self) == prefix, equal(bytes + 2, text, count)
                {
                    return entry.pointee.id
                }
            }
            slot = (slot &+ 1) & mask
        }
        return add(prefix, text, count, hash, slot)
    }

    @inline(never)
    private func add(
        _ prefix: UInt16, _ text: UnsafeRawPointer, _ count: Int, _ hash: UInt64, _ slot: Int
    ) -> Int32 {
        withUnsafeTemporaryAllocation(byteCount: count + 2, alignment: 8) { whole in
            whole.storeBytes(of: prefix, as: UInt16.self)
            (whole.baseAddress! + 2).copyMemory(from: text, byteCount: count)
            return add(hash, UnsafeRawPointer(whole.baseAddress!), count + 2, slot)
        }
    }

    /// Loads the slot of a hash.
    @inline(__always)
    func touchSlot(_ hash: UInt64) -> UInt64 {
        state.pointee.slots[Int(truncatingIfNeeded: hash) & state.pointee.mask]
    }

    /// The id that the first slot of a hash leads to, if its hash agrees; else -1. Loads the entry.
    @inline(__always)
    func likely(_ hash: UInt64) -> Int32 {
        let found = touchSlot(hash)
        guard found != 0, (found ^ hash) &>> 32 == 0 else { return -1 }
        let place = Int(found & 0xffff_ffff) &- 1
        return (state.pointee.arena + place &<< 3).assumingMemoryBound(to: Entry.self).pointee.id
    }
}
