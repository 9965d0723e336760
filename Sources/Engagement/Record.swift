/// A line as the fold reads it: its fields by id, nothing copied.
///
/// Valid only while its batch is; a borrowed view that must not be kept.
@frozen @usableFromInline package struct Record {
    @usableFromInline package let batch: Batch
    @usableFromInline package let line: Batch.Line
    @usableFromInline package let seq: UInt64

    @inlinable package init(batch: Batch, index: Int) {
        self.batch = batch
        line = batch.lines[index]
        seq = batch.firstSeq &+ UInt64(index)
    }

    @inlinable package var wordCount: Int { Int(line.wordCount) }

    @inlinable package func word(_ i: Int) -> FieldWord {
        FieldWord(bits: batch.words[Int(line.firstWord) &+ i])
    }

    /// The bytes of a text value, unescaped.
    @inlinable package func bytes(_ word: FieldWord) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: batch.bytes + word.offset, count: word.length)
    }

    /// The value of an integer word; the gates have checked its range, so it fits.
    @inlinable package func integer(_ word: FieldWord) -> Int64 {
        var value: Int64 = 0
        var negative = false
        for byte in bytes(word) {
            if byte == UInt8(ascii: "-") {
                negative = true
                continue
            }
            value = value &* 10 &+ Int64(byte &- 48)
        }
        return negative ? -value : value
    }

    /// First word of a field, or nil. Linear: for the few fields outside the hot path.
    @inlinable package func first(_ field: Field) -> FieldWord? {
        for i in 0..<wordCount where word(i).id == field.rawValue { return word(i) }
        return nil
    }

    /// When the event happened, ms since 1970 UTC: the client's time if it is plausible, else
    /// when the server took it. Never in the future; behaviour at most 30 days back, records not
    /// before 1990. Source: schemas/events.md, "Clock".
    @inlinable package var timeMilliseconds: Int64 {
        let received = line.receivedMilliseconds
        let claimed = line.claimedMilliseconds
        let floor = line.type.isBehaviour ? received - 30 * 86_400_000 : 631_152_000_000
        return claimed == Batch.noTime || claimed > received || claimed < floor ? received : claimed
    }
}
