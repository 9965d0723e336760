import Engagement

/// A line's present fields by id, while its gates look at it.
///
/// The table of small integers belongs to the lane; a line writes its few entries and `end` takes
/// them out again. A plain value of pointers: it lives on the stack while a line is looked at.
struct FieldSlots {
    static let capacity = 128

    private let slots: UnsafeMutablePointer<UInt8>
    let words: UnsafeMutablePointer<UInt64>
    /// What the words' offsets count from.
    private let base: UnsafeMutableRawPointer
    private(set) var count = 0
    /// One bit for each present field: ids 0..<64 and 64..<128.
    private(set) var presentLow: UInt64 = 0
    private(set) var presentHigh: UInt64 = 0
    var type = EventType.custom

    /// - Parameters:
    ///   - slots: `capacity` zeros, zeros again after `end`.
    ///   - words: where the line's words go.
    @inline(__always)
    init(
        slots: UnsafeMutablePointer<UInt8>, words: UnsafeMutablePointer<UInt64>,
        base: UnsafeMutableRawPointer
    ) {
        self.slots = slots
        self.words = words
        self.base = base
    }

    @inline(__always)
    mutating func end() {
        for i in 0..<count { slots[Int(FieldWord(bits: words[i]).id)] = 0 }
        count = 0
        presentLow = 0
        presentHigh = 0
    }

    @inline(__always)
    mutating func append(_ word: FieldWord) {
        words[count] = word.bits
        count &+= 1
        let id = word.id
        slots[Int(id)] = UInt8(truncatingIfNeeded: count)
        if id < 64 { presentLow |= 1 &<< UInt64(id) } else { presentHigh |= 1 &<< UInt64(id &- 64) }
    }

    @inline(__always)
    func has(_ field: Field) -> Bool { slots[Int(field.rawValue)] != 0 }

    @inline(__always)
    func word(_ field: Field) -> FieldWord? {
        let slot = slots[Int(field.rawValue)]
        return slot == 0 ? nil : FieldWord(bits: words[Int(slot) &- 1])
    }

    @inline(__always)
    func text(_ field: Field) -> UnsafeRawBufferPointer? {
        guard let word = word(field) else { return nil }
        return UnsafeRawBufferPointer(start: base + word.offset, count: word.length)
    }

    func isTrue(_ field: Field) -> Bool { word(field)?.kind == .true }

    func integer(_ field: Field) -> Int64? {
        guard let word = word(field) else { return nil }
        return parseInteger(base + word.offset, word.length)
    }

    func isText(_ field: Field, _ value: StaticString) -> Bool {
        guard let text = text(field), text.count == value.utf8CodeUnitCount else { return false }
        for i in 0..<text.count where text[i] != value.utf8Start[i] { return false }
        return true
    }

    func oneOf(_ field: Field, _ values: StaticString...) throws(Rejection) {
        guard has(field) else { return }
        for value in values where isText(field, value) { return }
        throw Rejection(.invalidField, field, "is none of the values it may have")
    }
}
