/// Known keys by their bytes: one multiplication, one probe, two compares.
///
/// A multiplier without collisions is searched when the table is made; with 1,024 slots for fewer
/// than 128 keys of at most 16 bytes one is found within some dozens of tries.
struct KeyTable: @unchecked Sendable {
    static let maximumKeyBytes = 16
    static let none: UInt8 = 255
    private static let slotBits: UInt64 = 10

    private struct Entry {
        var low: UInt64
        var high: UInt64
    }

    /// Owns the memory behind the pointers, which are what a scan touches.
    private final class Storage {
        let slots = UnsafeMutablePointer<UInt8>.allocate(capacity: 1 << 10)
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: 256)
        deinit {
            slots.deallocate()
            entries.deallocate()
        }
    }

    private let storage: Storage
    private let slots: UnsafeMutablePointer<UInt8>
    private let entries: UnsafeMutablePointer<Entry>
    private let multiplier: UInt64

    init(keys: [(name: String, id: UInt8)]) {
        storage = Storage()
        slots = storage.slots
        entries = storage.entries
        entries.initialize(repeating: Entry(low: 0, high: 0), count: 256)
        let packed = keys.map { key -> (Entry, UInt8) in
            let bytes = Array(key.name.utf8)
            precondition(
                bytes.count <= Self.maximumKeyBytes && key.id < 128, "key table: \(key.name)")
            return bytes.withUnsafeBufferPointer { b in
                let n = b.count
                return (
                    Entry(
                        low: loadPartial(b.baseAddress!, 0, min(8, n)),
                        high: n > 8 ? loadPartial(b.baseAddress!, 8, n - 8) : 0), key.id
                )
            }
        }
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        search: while true {
            slots.initialize(repeating: Self.none, count: 1 << 10)
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            for (entry, id) in packed {
                let slot = Self.slot(entry.low, entry.high, state | 1)
                if slots[slot] != Self.none { continue search }
                slots[slot] = id
                entries[Int(id)] = entry
            }
            multiplier = state | 1
            return
        }
    }

    @inline(__always)
    private static func slot(_ low: UInt64, _ high: UInt64, _ multiplier: UInt64) -> Int {
        Int(
            truncatingIfNeeded: ((low ^ (high &* 0x9fb2_1c65_1e98_df25)) &* multiplier)
                &>> (64 - slotBits))
    }

    /// The id of a key given as two zero-padded words, or `none`.
    @inline(__always)
    func find(_ low: UInt64, _ high: UInt64) -> UInt8 {
        let id = slots[Self.slot(low, high, multiplier)]
        if id == Self.none { return id }
        let entry = entries[Int(id)]
        return entry.low == low && entry.high == high ? id : Self.none
    }
}
