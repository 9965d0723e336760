/// The line being folded: its fields by id and what every counter family needs of it.
///
/// Lives for one call of `Fold.fold`; texts are read where they lie in the batch.
struct Event {
    let bytes: UnsafeMutableRawPointer
    let slots: UnsafeMutablePointer<UInt64>
    let type: EventType
    let seq: Int64
    /// ms since 1970 UTC.
    let time: Int64
    /// UTC days since 1970.
    let day: Int32
    /// Seen by a program, not by a person.
    let isMachine: Bool
    let isRedacted: Bool
    var site: Int32 = 0
    /// The subject it counts for, or -1.
    var who: Int32 = -1
    /// A human line that names someone but is held for nobody.
    var isAnonymised = false
    /// The second subject it names, where the pair may be stored, or -1.
    var pair: Int32 = -1

    static let dayMilliseconds: Int64 = 86_400_000

    @inline(__always)
    init(
        _ bytes: UnsafeMutableRawPointer, _ line: UnsafePointer<Batch.Line>, _ seq: UInt64,
        _ slots: UnsafeMutablePointer<UInt64>
    ) {
        self.bytes = bytes
        self.slots = slots
        type = line.pointee.type
        self.seq = Int64(seq)
        time = line.pointee.timeMilliseconds
        day = Self.day(time)
        isRedacted = line.pointee.traits.contains(.redacted)
        let actor = FieldWord(bits: slots[Int(Field.actor.rawValue)])
        isMachine = actor.bits != 0 && type.isBehaviour && !Self.isHuman(bytes, actor)
    }

    /// The UTC day of a time: floor, also before 1970.
    static func day(_ t: Int64) -> Int32 {
        Int32(truncatingIfNeeded: t >= 0 ? t / dayMilliseconds : (t + 1) / dayMilliseconds - 1)
    }

    private static func isHuman(_ bytes: UnsafeMutableRawPointer, _ word: FieldWord) -> Bool {
        // "huma" and "n".
        word.length == 5
            && bytes.loadUnaligned(fromByteOffset: word.offset, as: UInt32.self) == 0x616d_7568
            && bytes.load(fromByteOffset: word.offset &+ 4, as: UInt8.self) == 0x6e
    }

    @inline(__always)
    func has(_ field: Field) -> Bool { slots[Int(field.rawValue)] != 0 }

    /// The bytes of a field that is there.
    @inline(__always)
    func text(_ field: Field) -> UnsafeRawBufferPointer {
        let word = FieldWord(bits: slots[Int(field.rawValue)])
        return UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bytes) + word.offset, count: word.length)
    }

    func equals(_ field: Field, _ text: StaticString) -> Bool {
        let mine = self.text(field)
        return has(field) && mine.count == text.utf8CodeUnitCount
            && equal(mine.baseAddress!, text.utf8Start, mine.count)
    }

    /// The value of an integer field, or nil. Its range was checked at the door.
    func integer(_ field: Field) -> Int64? {
        guard has(field) else { return nil }
        var value: Int64 = 0
        var isNegative = false
        for byte in text(field) {
            if byte == UInt8(ascii: "-") {
                isNegative = true
                continue
            }
            value = value &* 10 &+ Int64(byte &- 48)
        }
        return isNegative ? -value : value
    }
}

extension Batch.Line {
    /// When the event happened, as `Record.timeMilliseconds`, without a reference to the batch.
    @inline(__always)
    var timeMilliseconds: Int64 {
        let received = receivedMilliseconds
        let claimed = claimedMilliseconds
        let floor = type.isBehaviour ? received - 30 * Event.dayMilliseconds : 631_152_000_000
        return claimed == Batch.noTime || claimed > received || claimed < floor ? received : claimed
    }
}

/// The row of `site_day` met last for a type.
struct SiteDayMemo {
    var key: Int64 = -1
    var flush = -1
    var index = 0
}

/// The last site met, so that a stream of one site compares bytes instead of hashing them.
struct SiteMemo {
    var id: Int32 = -1
    var generation = -1
}

extension Fold {
    func siteID(_ e: Event) -> Int32 {
        let text = e.text(.site)
        if site.pointee.id >= 0, site.pointee.generation == delta.wordGeneration {
            let known = rooms.words.bytes(site.pointee.id)
            if known.count == text.count, equal(known.baseAddress!, text.baseAddress!, text.count) {
                return site.pointee.id
            }
        }
        let id = rooms.words.intern(text)
        site.pointee = SiteMemo(id: id, generation: delta.wordGeneration)
        return id
    }

    /// The id of a field's text, which must be there.
    @inline(__always)
    func word(_ e: Event, _ field: Field) -> Int32 { rooms.words.intern(e.text(field)) }

    /// The id of a field's text, or of `otherwise`.
    func word(_ e: Event, _ field: Field, or otherwise: Word) -> Int32 {
        e.has(field) ? word(e, field) : otherwise.rawValue
    }

    /// The id of a field's text as a value, or NULL.
    func value(_ e: Event, _ field: Field) -> Int64 {
        e.has(field) ? Int64(word(e, field)) : Delta.null
    }

    /// The channel as sent; absent it is e-mail for newsletters, else the web.
    func channel(_ e: Event) -> Int32 {
        word(e, .channel, or: e.type.isNewsletter ? .email : .web)
    }
}
