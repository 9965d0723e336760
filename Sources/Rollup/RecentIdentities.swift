import Glibc

/// The (site, id) of the latest lines, so that a sender who repeats what it has just sent is proved
/// to do so without reading the log.
///
/// A ring of bytes and a ring of places; a line's entry is overwritten when either comes round.
/// Pages are touched as lines come, so an idle daemon pays nothing.
struct RecentIdentities: ~Copyable {
    private struct Place {
        var seq: UInt64 = 0
        /// Where the text lies, counted from the first byte ever written.
        var start: UInt64 = 0
        var siteCount: UInt16 = 0
        var count: UInt16 = 0
    }

    static let lines = 1 << 15
    static let byteCapacity = 2 << 20

    private let places: UnsafeMutablePointer<Place>
    private let bytes: UnsafeMutableRawPointer
    private var written: UInt64 = 0

    init() {
        // All zero is an empty place, and zeroed pages come when they are touched.
        places = Self.zeroed(Self.lines * MemoryLayout<Place>.stride)
            .assumingMemoryBound(to: Place.self)
        bytes = Self.zeroed(Self.byteCapacity)
    }

    deinit {
        free(places)
        free(bytes)
    }

    private static func zeroed(_ count: Int) -> UnsafeMutableRawPointer {
        guard let pages = calloc(1, count) else {
            preconditionFailure("out of memory: \(count) bytes for recent ids")
        }
        return pages
    }

    mutating func note(_ seq: UInt64, _ identity: LineIdentity) {
        let count = identity.site.count + identity.id.count
        var at = Int(written % UInt64(Self.byteCapacity))
        if at + count > Self.byteCapacity {
            // A text isn't cut at the end of the ring.
            written += UInt64(Self.byteCapacity - at)
            at = 0
        }
        (bytes + at).copyMemory(from: identity.site.baseAddress!, byteCount: identity.site.count)
        (bytes + at + identity.site.count).copyMemory(
            from: identity.id.baseAddress!, byteCount: identity.id.count)
        places[Int(seq % UInt64(Self.lines))] = Place(
            seq: seq, start: written, siteCount: UInt16(identity.site.count), count: UInt16(count))
        written += UInt64(count)
    }

    /// Whether line `seq` has this site and id; nil: it isn't held any more.
    func matches(_ seq: UInt64, _ identity: LineIdentity) -> Bool? {
        let place = places[Int(seq % UInt64(Self.lines))]
        let isHeld = place.start + UInt64(Self.byteCapacity) >= written
        guard place.seq == seq, seq > 0, isHeld else { return nil }
        guard Int(place.siteCount) == identity.site.count,
            Int(place.count) == identity.site.count + identity.id.count
        else { return false }
        let text = UnsafeRawBufferPointer(
            start: bytes + Int(place.start % UInt64(Self.byteCapacity)), count: Int(place.count))
        return text.prefix(identity.site.count).elementsEqual(identity.site)
            && text.dropFirst(identity.site.count).elementsEqual(identity.id)
    }
}
