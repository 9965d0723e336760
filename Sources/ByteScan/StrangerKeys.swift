/// The keys of one line that the scanner doesn't know, to see whether one occurs twice.
///
/// A line has none or a few: their 64-bit fingerprints lie in a register file of eight. Equal
/// fingerprints, escapes or more keys only raise `unsure`, and then an exact pass decides.
struct StrangerKeys {
    private var count = 0
    private var unsure = false
    private var seen: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
        (0, 0, 0, 0, 0, 0, 0, 0)

    @inline(__always)
    mutating func add(_ low: UInt64, _ high: UInt64, _ length: Int) {
        insert((low ^ UInt64(length)) &* 0x9e37_79b9_7f4a_7c15 ^ high &* 0xc2b2_ae3d_27d4_eb4f)
    }

    @inline(never)
    mutating func addLong(_ base: UnsafePointer<UInt8>, _ start: Int, _ length: Int) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(length)
        for i in start..<(start &+ length) { hash = (hash ^ UInt64(base[i])) &* 0x100_0000_01b3 }
        insert(hash)
    }

    /// An escaped key: its id if it spells a known one.
    @inline(never)
    mutating func addEscaped(
        _ base: UnsafePointer<UInt8>, _ start: Int, _ length: Int, _ keys: KeyTable
    ) -> UInt8 {
        unsure = true
        let plain = unescaped(base, start, length)
        guard plain.count <= KeyTable.maximumKeyBytes else { return KeyTable.none }
        return plain.withUnsafeBufferPointer { b in
            guard let start = b.baseAddress else { return KeyTable.none }
            return keys.find(
                loadPartial(start, 0, min(8, b.count)),
                b.count > 8 ? loadPartial(start, 8, b.count - 8) : 0)
        }
    }

    @inline(__always)
    private mutating func insert(_ print: UInt64) {
        let known = count
        if known == 8 {
            unsure = true
            return
        }
        let equal = withUnsafeMutableBytes(of: &seen) { raw -> Bool in
            let prints = raw.assumingMemoryBound(to: UInt64.self)
            var hit = false
            for i in 0..<known where prints[i] == print { hit = true }
            prints[known] = print
            return hit
        }
        if equal { unsure = true }
        count = known &+ 1
    }

    @inline(__always)
    func hasDuplicate(_ base: UnsafePointer<UInt8>, _ open: Int, _ end: Int) -> Bool {
        unsure && exactlyHasDuplicate(base, open, end)
    }

    /// Walks the object again (it is well-formed) and collects its keys.
    @inline(never)
    private func exactlyHasDuplicate(_ base: UnsafePointer<UInt8>, _ open: Int, _ end: Int) -> Bool
    {
        var walk = Walk(base: base, at: open &+ 1, limit: end)
        var keys = Set<[UInt8]>()
        while true {
            walk.skipBlanks()
            guard walk.take(UInt8(ascii: "\"")) else { return false }
            let start = walk.at
            guard let escaped = walk.string() else { return false }
            let length = walk.at - 1 - start
            let key =
                escaped
                ? unescaped(base, start, length)
                : Array(UnsafeBufferPointer(start: base + start, count: length))
            guard keys.insert(key).inserted else { return true }
            walk.skipBlanks()
            guard walk.take(UInt8(ascii: ":")), walk.value() else { return false }
            walk.skipBlanks()
            guard walk.take(UInt8(ascii: ",")) else { return false }
        }
    }

    /// The key's text; one that can't be unescaped (a lone surrogate) stands for itself.
    private func unescaped(_ base: UnsafePointer<UInt8>, _ start: Int, _ length: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: length) { out, count in
            guard let to = out.baseAddress else { return }
            if let n = unescapeJSON(base + start, length, into: to) {
                count = n
            } else {
                to.update(from: base + start, count: length)
                count = length
            }
        }
    }
}
