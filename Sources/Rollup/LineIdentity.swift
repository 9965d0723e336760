import Engagement

/// Where a line's (site, id) lies: what makes it the same event when it comes again.
struct LineIdentity {
    let site: UnsafeRawBufferPointer
    let id: UnsafeRawBufferPointer

    /// nil: a line that counts nowhere. `scratch` takes the text of an id that the server made.
    @inline(__always)
    init?(_ batch: Batch, _ index: Int, seq: UInt64, scratch: UnsafeMutableRawPointer) {
        let line = batch.lines + index
        if !line.pointee.traits.isDisjoint(with: [.control, .unreadable]) { return nil }
        let words = batch.words + Int(line.pointee.firstWord)
        var site: UInt64 = 0
        var id: UInt64 = 0
        for i in 0..<Int(line.pointee.wordCount) {
            let key = UInt8(truncatingIfNeeded: words[i]) & 0x7f
            if key == Field.id.rawValue { id = words[i] }
            if key == Field.site.rawValue { site = words[i] }
        }
        self.site = Self.text(batch, site)
        if id != 0 {
            self.id = Self.text(batch, id)
        } else {
            let count = Self.made(seq, scratch)
            self.id = UnsafeRawBufferPointer(start: scratch, count: count)
        }
    }

    /// Bytes of `scratch`: "s-" and 20 digits.
    static let scratchBytes = 32

    /// Never a word that means something else in a chunk.
    func hash(_ key: HashKey) -> UInt64 {
        let first = key.hash(site.baseAddress!, site.count)
        let hash = key.hash(id.baseAddress!, id.count, seed: first)
        return min(max(1, hash), IDChunk.forgotten - 1)
    }

    func equals(_ other: LineIdentity) -> Bool {
        Self.equal(site, other.site) && Self.equal(id, other.id)
    }

    private static func equal(_ x: UnsafeRawBufferPointer, _ y: UnsafeRawBufferPointer) -> Bool {
        x.count == y.count && x.elementsEqual(y)
    }

    private static func text(_ batch: Batch, _ bits: UInt64) -> UnsafeRawBufferPointer {
        let word = FieldWord(bits: bits)
        return UnsafeRawBufferPointer(
            start: UnsafeRawPointer(batch.bytes) + word.offset, count: word.length)
    }

    /// Writes the id that the server gives a line without one.
    private static func made(_ seq: UInt64, _ out: UnsafeMutableRawPointer) -> Int {
        var digits = 1
        var rest = seq / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        out.storeBytes(of: UInt8(ascii: "s"), as: UInt8.self)
        out.storeBytes(of: UInt8(ascii: "-"), toByteOffset: 1, as: UInt8.self)
        rest = seq
        for i in stride(from: digits + 1, to: 1, by: -1) {
            out.storeBytes(
                of: UInt8(ascii: "0") + UInt8(rest % 10), toByteOffset: i, as: UInt8.self)
            rest /= 10
        }
        return digits + 2
    }
}
