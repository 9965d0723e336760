/// Events sealed together: admitted lines with their scanned fields, in two flat buffers.
///
/// A lane fills a batch, the journal numbers and stores its lines, the roll-up folds them, and
/// the batch goes back to its pool: it is written by one thread at a time, in that order, and the
/// hand-overs are the only synchronisation. A reader of stored segments fills the same type, so
/// that live roll-up and replay are one code path.
///
/// Buffers: `bytes` holds the lines and, between them, values that the line doesn't show literally
/// (unescaped text, a site that came from the key); `words` holds `FieldWord`s whose offsets count
/// from the start of `bytes`. Absent values (`null` and `""`) have no word.
/// Nothing here is allocated per event.
@usableFromInline package final class Batch: @unchecked Sendable {
    /// A batch closes at this many bytes of lines as stored, or at this many lines.
    @inlinable package static var closeBytes: Int { 256 << 10 }
    @inlinable package static var closeLines: Int { 2_000 }
    /// The longest line a client may send, in bytes without its newline.
    @inlinable package static var maximumLineBytes: Int { 64 << 10 }
    /// One line. `offset` is the byte after the client's `{`, `length` runs to its `}` inclusive.
    @frozen @usableFromInline package struct Line {
        @usableFromInline package var offset: UInt32
        @usableFromInline package var length: UInt32
        /// Server fields to put in front of the client's, as JSON text ending in a comma.
        @usableFromInline package var prefixOffset: UInt32
        @usableFromInline package var firstWord: UInt32
        @usableFromInline package var prefixLength: UInt16
        @usableFromInline package var wordCount: UInt16
        @usableFromInline package var type: EventType
        @usableFromInline package var via: Via
        @usableFromInline package var traits: Traits
        /// The client's `time` in ms since 1970 UTC, or `Batch.noTime`.
        @usableFromInline package var claimedMilliseconds: Int64
        /// When the server took the line, ms since 1970 UTC: set by the journal (live) or read
        /// from the line (replay).
        @usableFromInline package var receivedMilliseconds: Int64

        @inlinable package init(
            offset: Int, length: Int, prefixOffset: Int, prefixLength: Int, firstWord: Int,
            wordCount: Int, type: EventType, via: Via, traits: Traits, claimedMilliseconds: Int64,
            receivedMilliseconds: Int64 = 0
        ) {
            self.offset = UInt32(truncatingIfNeeded: offset)
            self.length = UInt32(truncatingIfNeeded: length)
            self.prefixOffset = UInt32(truncatingIfNeeded: prefixOffset)
            self.prefixLength = UInt16(truncatingIfNeeded: prefixLength)
            self.firstWord = UInt32(truncatingIfNeeded: firstWord)
            self.wordCount = UInt16(truncatingIfNeeded: wordCount)
            self.type = type
            self.via = via
            self.traits = traits
            self.claimedMilliseconds = claimedMilliseconds
            self.receivedMilliseconds = receivedMilliseconds
        }
    }

    @frozen @usableFromInline package struct Traits: OptionSet, Sendable {
        @usableFromInline package let rawValue: UInt8
        @inlinable package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// The client sent no id: the server's is `s-<seq>`.
        @inlinable package static var madeID: Traits { Traits(rawValue: 1) }
        /// Personal fields were left out of the line before it was stored.
        @inlinable package static var redacted: Traits { Traits(rawValue: 2) }
        /// A journal CONTROL line: takes a seq, folds nothing.
        @inlinable package static var control: Traits { Traits(rawValue: 4) }
        /// A stored line that can't be read as an event: counted, folds nothing.
        @inlinable package static var unreadable: Traits { Traits(rawValue: 8) }
    }

    @frozen @usableFromInline package enum Via: UInt8, CaseIterable, Sendable {
        case udp, tcp, http, control
        /// The daemon itself, on a person's behalf.
        case daemon
        package var name: String { "\(self)" }
    }

    @inlinable package static var noTime: Int64 { .min }

    /// How far the batch is filled. Beside it and not in it: a class's variable is checked for
    /// exclusive access, which costs more than what a line does with it.
    @frozen @usableFromInline struct Level {
        @usableFromInline var bytes = 0
        @usableFromInline var words = 0
        @usableFromInline var lines = 0
        @usableFromInline var stored = 0

        @inlinable init() {}
    }
    @usableFromInline let level: UnsafeMutablePointer<Level>

    @usableFromInline package let bytes: UnsafeMutableRawPointer
    @usableFromInline package let byteCapacity: Int
    @usableFromInline package let words: UnsafeMutablePointer<UInt64>
    @usableFromInline package let wordCapacity: Int
    @usableFromInline package let lines: UnsafeMutablePointer<Line>
    @usableFromInline package let lineCapacity: Int

    @inlinable package var byteCount: Int {
        get { level.pointee.bytes }
        set { level.pointee.bytes = newValue }
    }
    @inlinable package var wordCount: Int {
        get { level.pointee.words }
        set { level.pointee.words = newValue }
    }
    @inlinable package var lineCount: Int {
        get { level.pointee.lines }
        set { level.pointee.lines = newValue }
    }
    /// Bytes the lines will take as stored, an upper bound.
    @inlinable package var storedBytes: Int {
        get { level.pointee.stored }
        set { level.pointee.stored = newValue }
    }

    /// Seq of the first line, given by the journal; line i has `firstSeq + i`.
    @usableFromInline package var firstSeq: UInt64 = 0
    @usableFromInline package var epoch: UInt64 = 0

    /// When the durable batch was offered to the roll-up, monotonic ns: its counters are owed from
    /// then on. 0: read from the log.
    @usableFromInline package var offeredNanoseconds: UInt64 = 0

    /// Called once by the journal, on its thread, when the lines are durable (true), or were given
    /// up because the daemon is stopping on an I/O error (false).
    package var settled: (@Sendable (Batch, Bool) -> Void)?

    /// Room for one closing batch plus the longest line and its unescaped values. Untouched pages
    /// cost nothing.
    package init(
        byteCapacity: Int = Batch.closeBytes + 4 * Batch.maximumLineBytes,
        wordCapacity: Int = 64 << 10, lineCapacity: Int = Batch.closeLines
    ) {
        self.byteCapacity = byteCapacity
        self.wordCapacity = wordCapacity
        self.lineCapacity = lineCapacity
        // 64 bytes of slack: wide loads may read past a value, never past the buffer.
        bytes = .allocate(byteCount: byteCapacity + 64, alignment: 64)
        words = .allocate(capacity: wordCapacity)
        lines = .allocate(capacity: lineCapacity)
        level = .allocate(capacity: 1)
        level.initialize(to: Level())
    }

    deinit {
        bytes.deallocate()
        words.deallocate()
        lines.deallocate()
        level.deallocate()
    }

    package func clear() {
        byteCount = 0
        wordCount = 0
        lineCount = 0
        storedBytes = 0
        firstSeq = 0
        offeredNanoseconds = 0
        settled = nil
    }

    @inlinable package var lastSeq: UInt64 { firstSeq + UInt64(lineCount) - 1 }
}
