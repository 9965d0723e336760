extension Fold {
    /// Lines looked at ahead, at most.
    package static let groupLines = 64

    /// Looks at lines `from..<to` before they are folded, so that their memory loads overlap:
    /// whom they count for, that subject's state, and the rows that the state leads to.
    /// Changes nothing but `hashes`, which `fold` uses for the same lines.
    /// - Parameter seq: of line `from`.
    package func warm(_ batch: Batch, from: Int, to: Int, seq: UInt64) {
        let bytes = UnsafeRawPointer(batch.bytes)
        let words = batch.words
        let subjects = rooms.subjects
        let states = rooms.states
        let count = min(to - from, Self.groupLines)
        var sink: UInt64 = 0
        for i in 0..<count {
            let line = batch.lines + (from + i)
            let first = words + Int(line.pointee.firstWord)
            var hash: UInt64 = 0
            for w in 0..<Int(line.pointee.wordCount)
            where UInt8(truncatingIfNeeded: first[w]) & 0x7f == Field.customer.rawValue {
                let word = FieldWord(bits: first[w])
                hash = subjects.subjectHash(
                    Interner.customer, bytes + word.offset, word.length)
                break
            }
            hashes[i] = hash
            sink ^= subjects.touchSlot(hash)
        }
        for i in 0..<count { warmed[i] = subjects.likely(hashes[i]) }
        for i in 0..<count where warmed[i] >= 0 {
            sink ^= UInt64(truncatingIfNeeded: Int(states[warmed[i]].pointee.total))
        }
        let totals = rooms.subjectTotal.rows
        let days = rooms.subjectDay.rows
        let channels = rooms.subjectChannel.rows
        for i in 0..<count where warmed[i] >= 0 {
            let state = states[warmed[i]]
            guard state.pointee.total >= 0 else { continue }
            let row = totals.row(Int(state.pointee.total))
            sink ^= UInt64(bitPattern: row[0] ^ row[8])
            if state.pointee.day >= 0 {
                sink ^= UInt64(bitPattern: days.row(Int(state.pointee.day))[0])
            }
            if state.pointee.channel >= 0 {
                sink ^= UInt64(bitPattern: channels.row(Int(state.pointee.channel))[0])
            }
        }
        hashes[Self.groupLines] = sink
        warmSeqs = seq..<seq + UInt64(count)
    }
}
