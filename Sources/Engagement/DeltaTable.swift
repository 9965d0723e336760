/// Rows of one table that a flush will add to the ledger.
///
/// Flat `Int64` rows of `stride` words: the key (two words: up to four `Int32` parts), then the
/// values, so that a lookup that hits has its values in the same cache line. Open addressing over
/// row numbers. Sized to need: an over-sized table costs as much to page in as the fold itself. Rows
/// lie in chunks, so that a table of a hundred megabytes grows without being there twice.
///
/// A handle to heap memory that the delta gives back: a class would cost the hot path reference
/// counts and exclusivity checks.
package struct TableRows {
    package struct State {
        package let stride: Int
        package let keyWords: Int
        /// Keys are packed, two parts to a word.
        package let isPacked: Bool
        /// The values of a new row.
        let blank: UnsafeMutablePointer<Int64>
        /// Upper 32 bits: part of the hash; lower 32: row number + 1, or 0 when empty.
        var slots: UnsafeMutablePointer<UInt64>
        var mask: Int
        package var chunks: UnsafeMutablePointer<UnsafeMutablePointer<Int64>>
        var chunkCount: Int
        var chunkCapacity: Int
        package var count: Int

        @inlinable @inline(__always)
        package func row(_ index: Int) -> UnsafeMutablePointer<Int64> {
            chunks[index &>> TableRows.chunkShift]
                + (index & (TableRows.chunkRows &- 1)) &* stride
        }
    }

    package let state: UnsafeMutablePointer<State>
    private static let smallest = 64
    package static var chunkShift: Int { @inlinable get { 12 } }
    package static var chunkRows: Int { @inlinable get { 1 << chunkShift } }

    init(_ shape: TableShape) {
        let values = shape.blank
        let blank = UnsafeMutablePointer<Int64>.allocate(capacity: values.count)
        for (i, value) in values.enumerated() { blank[i] = value }
        let isPacked = !shape.isStatement
        let keyWords = isPacked ? 2 : shape.keys.count
        let stride = keyWords + values.count
        let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: Self.smallest)
        slots.initialize(repeating: 0, count: Self.smallest)
        state = .allocate(capacity: 1)
        state.initialize(
            to: State(
                stride: stride, keyWords: keyWords, isPacked: isPacked, blank: blank, slots: slots,
                mask: Self.smallest - 1, chunks: .allocate(capacity: 4), chunkCount: 0,
                chunkCapacity: 4, count: 0))
    }

    func deallocate() {
        state.pointee.blank.deallocate()
        state.pointee.slots.deallocate()
        release(from: 0)
        state.pointee.chunks.deallocate()
        state.deallocate()
    }

    var stride: Int { state.pointee.stride }
    @inlinable package var keyWords: Int { state.pointee.keyWords }

    @inlinable package var count: Int { state.pointee.count }
    /// Of the rows and of about what leads to them.
    package var byteCount: Int { state.pointee.count &* (stride &* 8 &+ 24) }

    /// The row's key words and values.
    @inlinable @inline(__always)
    package func row(_ index: Int) -> UnsafeMutablePointer<Int64> {
        state.pointee.row(index)
    }

    /// The row's values.
    @inlinable
    package func values(_ index: Int) -> UnsafeMutablePointer<Int64> { row(index) + keyWords }

    /// Part `part` of a row's key.
    @inlinable
    package func key(_ index: Int, _ part: Int) -> Int64 {
        if !state.pointee.isPacked { return row(index)[part] }
        let word = row(index)[part &>> 1]
        return Int64(Int32(truncatingIfNeeded: part & 1 == 0 ? word : word &>> 32))
    }

    package func clear() {
        let s = state
        // A table that was much larger than this flush needed shrinks again.
        if s.pointee.mask >= 4096, s.pointee.count < s.pointee.mask / 16 {
            let slots = s.pointee.mask / 4 + 1
            s.pointee.slots.deallocate()
            s.pointee.slots = .allocate(capacity: slots)
            s.pointee.mask = slots - 1
        }
        release(from: (s.pointee.count + Self.chunkRows - 1) / Self.chunkRows)
        if s.pointee.count > 0 || s.pointee.slots[0] != 0 || s.pointee.mask != Self.smallest - 1 {
            s.pointee.slots.update(repeating: 0, count: s.pointee.mask + 1)
        }
        s.pointee.count = 0
    }

    @inline(__always)
    static func hash(_ a: Int64, _ b: Int64) -> UInt64 {
        let x = UInt64(bitPattern: a) &* 0x9e37_79b9_7f4a_7c15
        let y = UInt64(bitPattern: b) &* 0xc2b2_ae3d_27d4_eb4f
        let z = (x ^ (y &>> 29) &+ y) &* 0xd6e8_feb8_6659_fd93
        return z ^ (z &>> 32)
    }

    /// Row number of a key, or -1.
    func find(_ a: Int64, _ b: Int64) -> Int {
        let hash = Self.hash(a, b)
        let s = state
        var slot = Int(truncatingIfNeeded: hash) & s.pointee.mask
        while true {
            let found = s.pointee.slots[slot]
            if found == 0 { return -1 }
            if (found ^ hash) &>> 32 == 0 {
                let index = Int(found & 0xffff_ffff) &- 1
                let row = s.pointee.row(index)
                if row[0] == a, row[1] == b { return index }
            }
            slot = (slot &+ 1) & s.pointee.mask
        }
    }

    /// Row number of a key; a blank row is made where there is none.
    func index(_ a: Int64, _ b: Int64) -> Int {
        let hash = Self.hash(a, b)
        let s = state
        var slot = Int(truncatingIfNeeded: hash) & s.pointee.mask
        while true {
            let found = s.pointee.slots[slot]
            if found == 0 { break }
            if (found ^ hash) &>> 32 == 0 {
                let index = Int(found & 0xffff_ffff) &- 1
                let row = s.pointee.row(index)
                if row[0] == a, row[1] == b { return index }
            }
            slot = (slot &+ 1) & s.pointee.mask
        }
        let index = append()
        let row = s.pointee.row(index)
        row[0] = a
        row[1] = b
        s.pointee.slots[slot] = hash & 0xffff_ffff_0000_0000 | UInt64(index + 1)
        if (index + 1) * 2 > s.pointee.mask + 1 { growSlots() }
        return index
    }

    /// A blank row that no key leads to; its key words are the caller's to set.
    func append() -> Int {
        let s = state
        let index = s.pointee.count
        if index == s.pointee.chunkCount &<< Self.chunkShift { addChunk() }
        s.pointee.count = index + 1
        (s.pointee.row(index) + keyWords).update(
            from: s.pointee.blank, count: stride &- keyWords)
        return index
    }

    /// Memory that isn't touched yet costs nothing, so a chunk may be much larger than a few rows.
    private func addChunk() {
        let s = state
        if s.pointee.chunkCount == s.pointee.chunkCapacity {
            let grown = UnsafeMutablePointer<UnsafeMutablePointer<Int64>>.allocate(
                capacity: s.pointee.chunkCapacity * 2)
            grown.moveInitialize(from: s.pointee.chunks, count: s.pointee.chunkCount)
            s.pointee.chunks.deallocate()
            s.pointee.chunks = grown
            s.pointee.chunkCapacity *= 2
        }
        s.pointee.chunks[s.pointee.chunkCount] = .allocate(capacity: stride * Self.chunkRows)
        s.pointee.chunkCount += 1
    }

    private func release(from first: Int) {
        let s = state
        for i in first..<max(first, s.pointee.chunkCount) { s.pointee.chunks[i].deallocate() }
        s.pointee.chunkCount = min(first, s.pointee.chunkCount)
    }

    private func growSlots() {
        let s = state
        let old = s.pointee.slots
        let oldCount = s.pointee.mask + 1
        let mask = 4 * oldCount - 1
        let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
        for i in 0..<oldCount where old[i] != 0 {
            let row = s.pointee.row(Int(old[i] & 0xffff_ffff) &- 1)
            var slot = Int(truncatingIfNeeded: Self.hash(row[0], row[1])) & mask
            while slots[slot] != 0 { slot = (slot &+ 1) & mask }
            slots[slot] = old[i]
        }
        old.deallocate()
        s.pointee.slots = slots
        s.pointee.mask = mask
    }
}

/// A table of a delta with what the writer must know of it.
package struct DeltaTable {
    package let shape: TableShape
    package let rows: TableRows
}

/// A table whose rows are found by key: counters, registers, first-wins.
package struct KeyedTable<C: TableColumns> {
    package let rows = TableRows(TableShape(C.self))

    @inline(__always)
    func row(_ k0: Int32, _ k1: Int32 = 0, _ k2: Int32 = 0, _ k3: Int32 = 0) -> Row<C> {
        Row(rows, rows.index(Self.pack(k0, k1), Self.pack(k2, k3)))
    }

    func contains(_ k0: Int32, _ k1: Int32) -> Bool { rows.find(Self.pack(k0, k1), 0) >= 0 }

    @inline(__always)
    static func pack(_ low: Int32, _ high: Int32) -> Int64 {
        Int64(UInt32(bitPattern: low)) | Int64(high) &<< 32
    }
}

/// A table that only grows: each row is one event's statement.
package struct AppendTable<C: TableColumns> {
    package let rows = TableRows(TableShape(C.self))

    /// A new row; `key` takes the parts of the primary key, in order.
    @inline(__always)
    func add() -> (key: UnsafeMutablePointer<Int64>, row: Row<C>) {
        let index = rows.append()
        return (rows.row(index), Row(rows, index))
    }
}

/// The values of one row. Valid until the next row of its table is made.
struct Row<C: TableColumns> {
    let values: UnsafeMutablePointer<Int64>

    @inline(__always)
    init(_ table: TableRows, _ index: Int) {
        values = table.state.pointee.row(index) + table.keyWords
    }

    @inline(__always)
    func add(_ column: C, _ n: Int64 = 1) { values[column.rawValue] &+= n }

    @inline(__always)
    func set(_ column: C, _ value: Int64) { values[column.rawValue] = value }

    @inline(__always)
    func low(_ column: C, _ value: Int64) {
        let old = values[column.rawValue]
        if old == Delta.null || value < old { values[column.rawValue] = value }
    }

    @inline(__always)
    func high(_ column: C, _ value: Int64) {
        // `Delta.null` is below every time.
        if value > values[column.rawValue] { values[column.rawValue] = value }
    }

    /// Takes the stamp if it is later than the row's; true: the caller sets the register.
    func isLast(_ ms: C, _ seq: C, _ time: Int64, _ number: Int64) -> Bool {
        let old = (values[ms.rawValue], values[seq.rawValue])
        guard old.0 == Delta.null || (time, number) > old else { return false }
        (values[ms.rawValue], values[seq.rawValue]) = (time, number)
        return true
    }

    /// Takes the stamp if it is earlier than the row's.
    func isFirst(_ ms: C, _ seq: C, _ time: Int64, _ number: Int64) -> Bool {
        let old = (values[ms.rawValue], values[seq.rawValue])
        guard old.0 == Delta.null || (time, number) < old else { return false }
        (values[ms.rawValue], values[seq.rawValue]) = (time, number)
        return true
    }
}
