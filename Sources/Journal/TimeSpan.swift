import ByteScan

/// The earliest and latest of the `received` times of a member's lines.
struct TimeSpan {
    var earliest = Int64.max
    var latest = Int64.min
    private var last: StoredLine.Stamp?

    /// false: not a time of 24 characters.
    mutating func add(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        guard count == StoredLine.Stamp.bytes else { return false }
        let stamp = StoredLine.Stamp(text)
        if stamp == last { return true }
        guard let time = parseTimestamp(text, count) else { return false }
        last = stamp
        earliest = min(earliest, time)
        latest = max(latest, time)
        return true
    }
}
